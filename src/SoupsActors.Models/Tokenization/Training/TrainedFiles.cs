using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SoupsActors.Models.Tokenization.Pipeline;

namespace SoupsActors.Models.Tokenization.Training;

/// <summary>Writes a trained vocabulary in Hugging Face's form.</summary>
internal static class TrainedFiles
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Digits alone, then GPT-2's split.</summary>
    public static PreTokenizer PreTokenizer()
    {
        using var json = JsonDocument.Parse(PreTokenizerJson().ToJsonString());
        return Pipeline.PreTokenizer.Read(json.RootElement);
    }

    public static TokenizerFile Write(
        List<string> vocabulary, List<(string Left, string Right)> merges, BpeTrainerOptions options)
    {
        var tokenizer = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. options.SpecialTokens.Select((text, id) => Added(text, id))]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = PreTokenizerJson(),
            ["post_processor"] = PostProcessor(options),
            ["decoder"] = ByteLevel(),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = false,
                ["vocab"] = new JsonObject(vocabulary.Select((text, id) => KeyValuePair.Create(text, (JsonNode?)id))),
                ["merges"] = new JsonArray([.. merges.Select(m => new JsonArray(m.Left, m.Right))]),
            },
        };
        var names = new JsonObject();
        foreach (var (role, token) in (ReadOnlySpan<(string, string?)>)[
            ("bos_token", options.BosToken), ("eos_token", options.EosToken), ("pad_token", options.PadToken)])
        {
            if (token is not null)
                names[role] = token;
        }

        var config = (JsonObject)names.DeepClone();
        config["added_tokens_decoder"] = new JsonObject(
            options.SpecialTokens.Select((text, id) => KeyValuePair.Create($"{id}", (JsonNode?)Added(text, null))));
        config["clean_up_tokenization_spaces"] = false;
        config["tokenizer_class"] = "PreTrainedTokenizerFast";
        if (options.ChatTemplate is { } template)
            config["chat_template"] = template.Jinja;
        return new TokenizerFile(Bytes(tokenizer), Bytes(config), Bytes(names), null);
    }

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString(Readable) + "\n");

    private static JsonObject Added(string text, int? id)
    {
        var token = new JsonObject();
        if (id is not null)
            token["id"] = id;
        token["content"] = text;
        foreach (var flag in (ReadOnlySpan<string>)["single_word", "lstrip", "rstrip", "normalized"])
            token[flag] = false;
        token["special"] = true;
        return token;
    }

    private static JsonObject PreTokenizerJson() => new()
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray(
            new JsonObject { ["type"] = "Digits", ["individual_digits"] = true },
            ByteLevel()),
    };

    private static JsonObject ByteLevel() => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = false,
        ["trim_offsets"] = true,
        ["use_regex"] = true,
    };

    private static JsonObject PostProcessor(BpeTrainerOptions options)
    {
        if (!options.AddBos)
            return ByteLevel();
        var bos = options.BosToken!;
        JsonObject Token(int type) => new() { ["SpecialToken"] = new JsonObject { ["id"] = bos, ["type_id"] = type } };
        JsonObject Text(string id, int type) =>
            new() { ["Sequence"] = new JsonObject { ["id"] = id, ["type_id"] = type } };
        return new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(Token(0), Text("A", 0)),
            ["pair"] = new JsonArray(Token(0), Text("A", 0), Token(1), Text("B", 1)),
            ["special_tokens"] = new JsonObject
            {
                [bos] = new JsonObject
                {
                    ["id"] = bos,
                    ["ids"] = new JsonArray(options.SpecialTokens.ToList().IndexOf(bos)),
                    ["tokens"] = new JsonArray(bos),
                },
            },
        };
    }
}
