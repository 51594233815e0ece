using SoupsActors.Models.Files;

namespace SoupsActors.Models.Experts;

/// <summary>What <c>soups.json</c> in an adapter folder says about an expert beyond PEFT's own files.</summary>
/// <param name="Name">Display name.</param>
/// <param name="ContentHash">Hash of the expert's content when it was written.</param>
/// <param name="Provenance">Where it comes from.</param>
internal sealed record ExpertCard(string Name, string ContentHash, ExpertProvenance Provenance)
{
    public const string FileName = "soups.json";

    private const int Format = 1;
    private const int MaxText = 4000;
    private const int MaxDetails = 1000;

    /// <summary>Reads the card, or null where the folder has none.</summary>
    public static ExpertCard? Load(string folder)
    {
        if (ModelFolder.Find(folder, FileName) is not { } path)
            return null;
        using var document = JsonFile.Read(path);
        var json = new JsonFields(path, document.RootElement);
        if (json.RequiredInt("format") is var format and not Format)
            throw json.Error("format", $"is {format}, but this version reads {Format}; update the software.");
        var name = Text(json, "name") ?? throw json.Error("name", "is missing.");
        return new ExpertCard(name, RequiredHash(json, "content_hash"), new ExpertProvenance(
            RequiredHash(json, "base_hash"),
            json.Long("init_seed"),
            Text(json, "preference"),
            Text(json, "method"),
            Text(json, "reward_id"),
            json.Has("parent_hash") ? RequiredHash(json, "parent_hash") : null,
            ReadDetails(json)));
    }

    public static void Save(string folder, Expert expert) =>
        AtomicFile.WriteJson(Path.Combine(folder, FileName), json =>
        {
            var provenance = expert.Provenance;
            json.WriteNumber("format", Format);
            json.WriteString("name", expert.Name);
            json.WriteString("content_hash", expert.Hash);
            json.WriteString("base_hash", provenance.BaseHash);
            if (provenance.InitSeed is { } seed)
                json.WriteNumber("init_seed", seed);
            (string Key, string? Value)[] texts =
            [
                ("preference", provenance.Preference),
                ("method", provenance.Method),
                ("reward_id", provenance.RewardId),
                ("parent_hash", provenance.ParentHash),
            ];
            foreach (var (key, value) in texts)
            {
                if (value is not null)
                    json.WriteString(key, value);
            }

            if (provenance.Details is not { Count: > 0 } details)
                return;
            json.WriteStartObject("details");
            foreach (var (key, value) in details.OrderBy(d => d.Key, StringComparer.Ordinal))
                json.WriteString(key, value);
            json.WriteEndObject();
        });

    private static Dictionary<string, string>? ReadDetails(JsonFields json)
    {
        if (json.Object("details") is not { } details)
            return null;
        var read = new Dictionary<string, string>();
        foreach (var property in details.Properties())
        {
            read[property.Name] = Text(details, property.Name) ?? "";
            if (read.Count > MaxDetails)
                throw json.Error("details", $"has more than {MaxDetails} entries.");
        }

        return read;
    }

    private static string? Text(JsonFields json, string key) =>
        json.Text(key) is not { } text ? null
        : text.Length <= MaxText ? text
        : throw json.Error(key, $"has {text.Length} characters, more than the {MaxText} allowed.");

    private static string RequiredHash(JsonFields json, string key) =>
        json.Text(key) is { Length: 64 } hash && hash.All(char.IsAsciiHexDigitLower)
            ? hash
            : throw json.Error(key, "must be a SHA-256 of 64 lower-case hexadecimal digits.");
}
