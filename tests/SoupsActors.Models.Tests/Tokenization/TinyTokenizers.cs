using System.Text.Json.Nodes;
using SoupsActors.Models.Tokenization;
using SoupsActors.Models.Tokenization.Pipeline;

namespace SoupsActors.Models.Tests.Tokenization;

/// <summary>Vocabularies small enough to work out by hand.</summary>
internal static class TinyTokenizers
{
    public const string Gpt2Split = """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}""";

    public const string LlamaDecoder =
        """
        {"type":"Sequence","decoders":[
          {"type":"Replace","pattern":{"String":"▁"},"content":" "},
          {"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}
        """;

    /// <summary>
    /// The 256 bytes (ids 0 to 255 in byte order), then merges, each adding a token in order, then added tokens.
    /// </summary>
    public static Tokenizer ByteLevel(
        string[] merges,
        AddedToken[]? added = null,
        string? preTokenizer = null,
        string? normalizer = null,
        bool ignoreMerges = false,
        string? config = null,
        string? postProcessor = null,
        string[]? wholeWords = null)
    {
        var vocabulary = Enumerable.Range(0, 256).Select(b => ByteAlphabet.CharOf((byte)b).ToString()).ToList();
        vocabulary.AddRange(merges.Select(m => m.Replace(" ", "")));
        vocabulary.AddRange(wholeWords ?? []);
        return Build(
            vocabulary, merges, added ?? [], preTokenizer ?? Gpt2Split, normalizer, Gpt2Split, postProcessor,
            new JsonObject { ["ignore_merges"] = ignoreMerges }, config);
    }

    /// <summary>Ids: 0 unk, 1 &lt;s&gt;, 2 &lt;/s&gt;, 3 to 258 the byte tokens, then the pieces in order.</summary>
    public static Tokenizer SentencePiece(
        string[] pieces,
        string[] merges,
        string? normalizer = null,
        string? preTokenizer = null,
        bool byteFallback = true,
        bool fuseUnknown = true,
        string? config = null,
        string? decoder = null)
    {
        List<string> vocabulary = ["<unk>", "<s>", "</s>"];
        if (byteFallback)
            vocabulary.AddRange(Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>"));
        vocabulary.AddRange(pieces);
        vocabulary.AddRange(merges.Select(m => m.Replace(" ", "")));
        AddedToken[] added = [new(0, "<unk>"), new(1, "<s>"), new(2, "</s>")];
        return Build(
            vocabulary, merges, added, preTokenizer, normalizer, decoder ?? LlamaDecoder, null,
            new JsonObject { ["unk_token"] = "<unk>", ["byte_fallback"] = byteFallback, ["fuse_unk"] = fuseUnknown },
            config ?? """{"bos_token":"<s>","eos_token":"</s>","unk_token":"<unk>","add_bos_token":true}""");
    }

    public static Tokenizer Build(
        IReadOnlyList<string> vocabulary,
        string[] merges,
        AddedToken[] added,
        string? preTokenizer,
        string? normalizer,
        string? decoder,
        string? postProcessor,
        JsonObject modelOptions,
        string? config = null)
    {
        modelOptions["type"] = "BPE";
        modelOptions["vocab"] = new JsonObject(vocabulary.Select((t, id) => KeyValuePair.Create(t, (JsonNode?)id)));
        modelOptions["merges"] = new JsonArray([.. merges.Select(m => (JsonNode?)m)]);
        var json = new JsonObject
        {
            ["added_tokens"] = new JsonArray([.. added.Select(t => new JsonObject
            {
                ["id"] = t.Id,
                ["content"] = t.Content,
                ["special"] = t.Special,
                ["normalized"] = t.Normalized,
                ["single_word"] = t.SingleWord,
                ["lstrip"] = t.LeftStrip,
                ["rstrip"] = t.RightStrip,
            })]),
            ["normalizer"] = Node(normalizer),
            ["pre_tokenizer"] = Node(preTokenizer),
            ["post_processor"] = Node(postProcessor),
            ["decoder"] = Node(decoder),
            ["model"] = modelOptions,
        };
        return Tokenizer.Parse(json.ToJsonString(), config);
    }

    public static string[] Texts(this Tokenizer tokenizer, string text, bool parseSpecial = true) =>
        [.. tokenizer.Encode(text, addSpecialTokens: false, parseSpecial).Select(id => tokenizer.TokenText(id)!)];

    private static JsonNode? Node(string? json) => json is null ? null : JsonNode.Parse(json);
}
