using FsCheck;
using FsCheck.Fluent;

namespace SoupsActors.Models.Tests.Tokenization;

public sealed class SentencePieceTests
{
    private const string Llama2 =
        """
        {"type":"Sequence","normalizers":[
          {"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}
        """;

    private static readonly string[] Pieces = ["▁", "a", "b", "c"];
    private static readonly string[] Merges = ["▁ a", "b c"];

    [Fact]
    public void A_space_mark_begins_the_text_and_every_stretch_after_a_token()
    {
        var tokenizer = TinyTokenizers.SentencePiece(Pieces, Merges, Llama2);
        Assert.Equal([1, .. Ids(tokenizer, "▁a", "bc", "▁a")], tokenizer.Encode("abc a"));
        Assert.Equal(["▁a", "</s>", "▁a"], tokenizer.Texts("a</s>a"));
        Assert.Equal("abc a", tokenizer.Decode(tokenizer.Encode("abc a")));
    }

    [Fact]
    public void Metaspace_prepends_always_first_or_never()
    {
        string[] Split(string scheme) => TinyTokenizers.SentencePiece(
            Pieces, Merges, preTokenizer: $$"""{"type":"Metaspace","replacement":"▁","prepend_scheme":"{{scheme}}","split":false}""")
            .Texts("a</s>a");
        Assert.Equal(["▁a", "</s>", "▁a"], Split("always"));
        Assert.Equal(["▁a", "</s>", "a"], Split("first"));
        Assert.Equal(["a", "</s>", "a"], Split("never"));
    }

    [Fact]
    public void Metaspace_splits_before_every_mark()
    {
        const string metaspace = """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":SPLIT}""";
        string[] merges = ["a ▁"];
        Assert.Equal(
            ["▁", "a", "▁", "a"],
            TinyTokenizers.SentencePiece(Pieces, merges, preTokenizer: metaspace.Replace("SPLIT", "true")).Texts("a a"));
        Assert.Equal(
            ["▁", "a▁", "a"],
            TinyTokenizers.SentencePiece(Pieces, merges, preTokenizer: metaspace.Replace("SPLIT", "false")).Texts("a a"));
    }

    [Fact]
    public void Characters_outside_the_vocabulary_fall_back_to_bytes()
    {
        var tokenizer = TinyTokenizers.SentencePiece(Pieces, Merges, Llama2);
        Assert.Equal(["▁a", "<0xC3>", "<0xA9>"], tokenizer.Texts("aé"));
        Assert.Equal("aé😀 你", tokenizer.Decode(tokenizer.Encode("aé😀 你")));
    }

    [Fact]
    public void Without_bytes_they_are_unknown_and_fuse_where_the_model_says_so()
    {
        string[] Encode(bool fuse) =>
            TinyTokenizers.SentencePiece(Pieces, Merges, byteFallback: false, fuseUnknown: fuse).Texts("aéöb");
        Assert.Equal(["a", "<unk>", "b"], Encode(fuse: true));
        Assert.Equal(["a", "<unk>", "<unk>", "b"], Encode(fuse: false));
    }

    [Fact]
    public void Decoding_gives_any_text_back()
    {
        var tokenizer = TinyTokenizers.SentencePiece(Pieces, Merges, Llama2);
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text =>
        {
            // The mark itself reads as a space, and a control token written out is one.
            var given = (text ?? "").Replace('\u2581', '_');
            return tokenizer.Decode(tokenizer.Encode(given, parseSpecial: false)) == given;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Metaspace_decoder_drops_the_first_mark()
    {
        var tokenizer = TinyTokenizers.SentencePiece(
            Pieces, Merges,
            preTokenizer: """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""",
            decoder: """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""");
        Assert.Equal("a a", tokenizer.Decode(tokenizer.Encode("a a")));
    }

    private static IEnumerable<int> Ids(SoupsActors.Models.Tokenization.Tokenizer tokenizer, params string[] tokens) =>
        tokens.Select(t => tokenizer.IdOf(t)!.Value);
}
