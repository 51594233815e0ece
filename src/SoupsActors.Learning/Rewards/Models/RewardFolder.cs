using System.Text.Json;
using System.Text.Json.Serialization;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;

namespace SoupsActors.Learning.Rewards;

/// <summary>A reward model's content apart from any device.</summary>
internal sealed record StoredReward(Expert Adapter, float[] Head, RewardCard Card);

/// <summary>
/// Reward models as folders: PEFT's two adapter files, <c>reward_head.safetensors</c> with <c>score.weight</c> as
/// Hugging Face's sequence classifiers name it, and the card <c>reward.json</c>, which holds the hash of all of it.
/// </summary>
internal static class RewardFolder
{
    private const string HeadName = "reward_head.safetensors";
    private const string HeadTensor = "score.weight";
    private const string CardName = "reward.json";
    private const int Format = 1;
    private const long MaxCardBytes = 1 << 20;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
        NewLine = "\n",
    };

    public static string Hash(StoredReward reward)
    {
        using var hash = new ContentHash("soups-reward-1");
        hash.Add(reward.Adapter.Provenance.BaseHash);
        hash.Add(reward.Adapter.Hash);
        hash.Add((long)reward.Head.Length);
        hash.AddValues(reward.Head);
        hash.Add(reward.Card.Mean);
        hash.Add(reward.Card.StandardDeviation);
        return hash.Finish();
    }

    public static string Save(string folder, StoredReward reward)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!reward.Head.All(float.IsFinite))
            throw new ArgumentException("The head has values that are NaN or infinite; the training diverged.", nameof(reward));
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var parent = Directory.CreateDirectory(Path.GetDirectoryName(full)!).FullName;
        var temporary = Path.Combine(parent, $".{Path.GetFileName(full)}.{Guid.NewGuid():n}.tmp");
        try
        {
            AdapterFolder.Save(reward.Adapter, temporary);
            SafetensorsWriter.Write(
                Path.Combine(temporary, HeadName),
                [new TensorToWrite(HeadTensor, [1, reward.Head.Length], reward.Head)],
                new Dictionary<string, string> { ["format"] = "pt" });
            var hash = Hash(reward);
            var card = new CardFile(Format, hash, reward.Adapter.Provenance.BaseHash, reward.Card);
            AtomicFile.Write(Path.Combine(temporary, CardName), JsonSerializer.SerializeToUtf8Bytes(card, Json));
            Replace(full, temporary);
            return hash;
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
    }

    public static StoredReward Load(string folder, TransformerConfig model, string baseHash)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var file = ReadCard(Path.Combine(folder, CardName));
        if (file.BaseHash != baseHash)
        {
            throw new ExpertMismatchException(
                $"{folder}: was trained on base {file.BaseHash}, but the model at hand is {baseHash}.");
        }

        var stored = new StoredReward(
            AdapterFolder.Load(folder, model, baseHash).Expert, ReadHead(folder, model.HiddenSize), file.Card);
        var hash = Hash(stored);
        return hash == file.ContentHash
            ? stored
            : throw new ModelFormatException(
                folder, $"holds content {hash}, but {CardName} records {file.ContentHash}; one of the files was changed.");
    }

    public static RewardCard LoadCard(string folder) => ReadCard(Path.Combine(folder, CardName)).Card;

    private static float[] ReadHead(string folder, int size)
    {
        var path = Path.Combine(folder, HeadName);
        if (!File.Exists(path))
            throw new ModelFormatException(folder, $"has no {HeadName}; give the folder of a reward model.");
        using var file = SafetensorsFile.Open(path);
        if (!file.TryGetTensor(HeadTensor, out var tensor) || !tensor.Shape.SequenceEqual([1, size]))
        {
            throw new ModelFormatException(
                path, $"needs '{HeadTensor}' of shape [1, {size}], as wide as the base; it was made for another model.");
        }

        var head = file.ReadFloat32(HeadTensor);
        return head.All(float.IsFinite)
            ? head
            : throw new ModelFormatException(path, $"tensor '{HeadTensor}' has values that are NaN or infinite.");
    }

    private static CardFile ReadCard(string path)
    {
        if (!File.Exists(path))
            throw new ModelFormatException(path, "is missing; give the folder of a reward model.");
        if (new FileInfo(path).Length > MaxCardBytes)
            throw new ModelFormatException(path, $"is larger than {MaxCardBytes} bytes.");
        try
        {
            var card = JsonSerializer.Deserialize<CardFile>(File.ReadAllBytes(path), Json);
            if (card is not { Format: Format, ContentHash: not null, BaseHash: not null, Card: not null })
                throw new ModelFormatException(path, $"is no card of format {Format}; train the model with this version.");
            return card.Card.StandardDeviation > 0
                ? card
                : throw new ModelFormatException(path, "standard_deviation must be positive.");
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(path, $"is not the JSON of a reward model ({error.Message}).", error);
        }
    }

    /// <summary>Puts the new folder in the old one's place; a crash in between leaves the old one beside it.</summary>
    private static void Replace(string folder, string replacement)
    {
        if (!Directory.Exists(folder))
        {
            Directory.Move(replacement, folder);
            return;
        }

        var old = replacement + ".old";
        Directory.Move(folder, old);
        Directory.Move(replacement, folder);
        Directory.Delete(old, recursive: true);
    }

    private sealed record CardFile(int Format, string ContentHash, string BaseHash, RewardCard Card);
}
