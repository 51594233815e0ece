namespace SoupsActors.Models.Tests.Tokenization;

/// <summary>Texts that make careless splitting or merging quadratic; those ways would take hours here.</summary>
public sealed class AdversarialTextTests
{
    private const int Length = 1_000_000;

    private const string Qwen =
        """
        {"type":"Sequence","pretokenizers":[
          {"type":"Split","behavior":"Isolated","invert":false,"pattern":{"Regex":
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"}},
          {"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}
        """;

    private static readonly Dictionary<string, string> Texts = new()
    {
        ["one word"] = new string('a', Length),
        ["spaces"] = new string(' ', Length) + "x",
        ["lines"] = string.Concat(Enumerable.Repeat(" \n", Length / 2)) + "x",
        ["apostrophes"] = new string('\'', Length),
        ["digits"] = string.Concat(Enumerable.Repeat("7\u00A0", Length / 2)),
        ["begun tokens"] = string.Concat(Enumerable.Repeat("<|im_star", Length / 9)),
        ["surrogates"] = string.Concat(Enumerable.Repeat("\U0001D400", Length / 2)),
    };

    public static TheoryData<string> Kinds => [.. Texts.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_megabyte_of_trouble_is_encoded(string kind)
    {
        var text = Texts[kind];
        var byteLevel = TinyTokenizers.ByteLevel(
            ["a a", "aa aa", "Ġ Ġ", "ĠĠ ĠĠ"], [new(260, "<|im_start|>")], preTokenizer: Qwen);
        Assert.Equal(text, byteLevel.Decode(byteLevel.Encode(text)));

        var sentencePiece = TinyTokenizers.SentencePiece(
            ["▁", "a"], ["a a", "aa aa", "▁ ▁"],
            """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}""");
        Assert.Equal(text, sentencePiece.Decode(sentencePiece.Encode(text)));
    }
}
