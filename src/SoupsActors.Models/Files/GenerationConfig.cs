using System.Text.Json;

namespace SoupsActors.Models.Files;

/// <summary>What the model's makers suggest for generation; absent values are null.</summary>
public sealed record GenerationConfig
{
    private const string FileName = "generation_config.json";

    /// <summary>Tokens that end an answer; empty where none does.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Token that starts a text.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Token that fills up a batch.</summary>
    public int? PadTokenId { get; init; }

    /// <summary>Whether to sample rather than take the most likely token.</summary>
    public bool? DoSample { get; init; }

    /// <summary>Softmax temperature, at least 0.</summary>
    public double? Temperature { get; init; }

    /// <summary>Sample among this many most likely tokens; 0 is all.</summary>
    public int? TopK { get; init; }

    /// <summary>Sample among the most likely tokens of this total probability, 0 to 1.</summary>
    public double? TopP { get; init; }

    /// <summary>Least probability relative to the most likely token, 0 to 1.</summary>
    public double? MinP { get; init; }

    /// <summary>Divides positive and multiplies negative logits of tokens seen before; above 0.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>No sequence of this many tokens may come twice; 0 is off.</summary>
    public int? NoRepeatNgramSize { get; init; }

    /// <summary>Most tokens of an answer.</summary>
    public int? MaxNewTokens { get; init; }

    /// <summary>Reads <c>generation_config.json</c>; token ids it lacks come from <c>config.json</c>.</summary>
    /// <exception cref="ModelFormatException">A value is of the wrong type or out of range.</exception>
    public static GenerationConfig Load(string folder)
    {
        var generation = ModelFolder.Find(folder, FileName) is { } path ? ReadFile(path) : new GenerationConfig();
        if (ModelFolder.Find(folder, "config.json") is not { } modelPath)
            return generation;
        using var document = JsonFile.Read(modelPath);
        var model = new JsonFields(modelPath, document.RootElement);
        return generation with
        {
            EosTokenIds = generation.EosTokenIds.Count > 0 ? generation.EosTokenIds : Ids(model, "eos_token_id") ?? [],
            BosTokenId = generation.BosTokenId ?? Id(model, "bos_token_id"),
            PadTokenId = generation.PadTokenId ?? Id(model, "pad_token_id"),
        };
    }

    /// <summary>Writes <c>generation_config.json</c> into a folder.</summary>
    public void Save(string folder) => AtomicFile.WriteJson(Path.Combine(folder, FileName), json =>
    {
        WriteTokens(json);
        if (DoSample is { } sample)
            json.WriteBoolean("do_sample", sample);
        Write(json, "temperature", Temperature);
        Write(json, "top_k", TopK);
        Write(json, "top_p", TopP);
        Write(json, "min_p", MinP);
        Write(json, "repetition_penalty", RepetitionPenalty);
        Write(json, "no_repeat_ngram_size", NoRepeatNgramSize);
        Write(json, "max_new_tokens", MaxNewTokens);
    });

    /// <summary>Writes the token ids, which <c>config.json</c> has too.</summary>
    internal void WriteTokens(Utf8JsonWriter json)
    {
        Write(json, "bos_token_id", BosTokenId);
        Write(json, "pad_token_id", PadTokenId);
        if (EosTokenIds.Count == 1)
        {
            json.WriteNumber("eos_token_id", EosTokenIds[0]);
        }
        else if (EosTokenIds.Count > 1)
        {
            json.WriteStartArray("eos_token_id");
            foreach (var id in EosTokenIds)
                json.WriteNumberValue(id);
            json.WriteEndArray();
        }
    }

    private static GenerationConfig ReadFile(string path)
    {
        using var document = JsonFile.Read(path);
        var json = new JsonFields(path, document.RootElement);
        return new GenerationConfig
        {
            EosTokenIds = Ids(json, "eos_token_id") ?? [],
            BosTokenId = Id(json, "bos_token_id"),
            PadTokenId = Id(json, "pad_token_id"),
            DoSample = json.Bool("do_sample"),
            Temperature = Between(json, "temperature", 0, 1000),
            TopK = (int?)Between(json, "top_k", 0, int.MaxValue, json.Int("top_k")),
            TopP = Between(json, "top_p", 0, 1),
            MinP = Between(json, "min_p", 0, 1),
            RepetitionPenalty = Between(json, "repetition_penalty", 1e-6, 1000),
            NoRepeatNgramSize = (int?)Between(
                json, "no_repeat_ngram_size", 0, int.MaxValue, json.Int("no_repeat_ngram_size")),
            MaxNewTokens = (int?)Between(json, "max_new_tokens", 1, int.MaxValue, json.Int("max_new_tokens")),
        };
    }

    private static double? Between(JsonFields json, string key, double least, double most) =>
        Between(json, key, least, most, json.Number(key));

    private static double? Between(JsonFields json, string key, double least, double most, double? value) =>
        value < least || value > most
            ? throw json.Error(key, $"is {value}, but must be from {least} to {most}.")
            : value;

    private static int[]? Ids(JsonFields json, string key) =>
        json.OneOrManyInts(key) is { } ids && ids.Any(id => id < 0)
            ? throw json.Error(key, "has a negative token id.")
            : json.OneOrManyInts(key);

    private static int? Id(JsonFields json, string key) => Ids(json, key) switch
    {
        null or [] => null,
        var ids => ids[0],
    };

    private static void Write(Utf8JsonWriter json, string key, double? value)
    {
        if (value is { } number)
            json.WriteNumber(key, number);
    }

    private static void Write(Utf8JsonWriter json, string key, int? value)
    {
        if (value is { } number)
            json.WriteNumber(key, number);
    }
}
