using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Models.Tokenization;

namespace SoupsActors.Models.Tests.Tokenization;

public sealed class ByteLevelTests
{
    private const string Llama3Pattern =
        """
        {"type":"Sequence","pretokenizers":[
          {"type":"Split","behavior":"Isolated","invert":false,"pattern":{"Regex":
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"}},
          {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}
        """;

    [Fact]
    public void Merges_apply_by_rank_and_leftmost_first()
    {
        var tokenizer = TinyTokenizers.ByteLevel(["b c", "a b", "a bc"]);
        Assert.Equal(["abc"], tokenizer.Texts("abc"));
        Assert.Equal(["ab", "d"], tokenizer.Texts("abd"));
        Assert.Equal(["aa", "aa", "a"], TinyTokenizers.ByteLevel(["a a"]).Texts("aaaaa"));
    }

    [Fact]
    public void Words_split_as_in_gpt2_and_keep_one_leading_space()
    {
        var tokenizer = TinyTokenizers.ByteLevel(["Ġ a", "Ġ Ġ", "' s", "1 2"]);
        Assert.Equal(["a", "'s", "Ġa", "Ġ", "Ġa", "12", "!", "Ċ"], tokenizer.Texts("a's a  a12!\n"));
    }

    [Fact]
    public void Llama3_pattern_takes_digits_by_threes_and_contractions_in_any_case()
    {
        var tokenizer = TinyTokenizers.ByteLevel(
            ["1 2", "12 3", "4 5", "3 4", "' S", "X 'S", "! Ċ", "( a", "Å ¿", "' Å¿"], preTokenizer: Llama3Pattern);
        Assert.Equal(["123", "45"], tokenizer.Texts("12345"));
        Assert.Equal(["X", "'S"], tokenizer.Texts("X'S"));
        Assert.Equal(["!Ċ", "(a"], tokenizer.Texts("!\n(a"));
        Assert.Equal(["X", "'Å¿"], tokenizer.Texts("X'ſ"));
    }

    [Fact]
    public void Letters_beyond_the_basic_plane_are_letters()
    {
        // U+1D400 is F0 9D 90 80, spelled ð Ŀ Ĳ Ģ; a merge with the letter before it needs one word.
        var tokenizer = TinyTokenizers.ByteLevel(["a ð"]);
        Assert.Equal("að", tokenizer.Texts("a\U0001D400")[0]);
        Assert.Equal("a", tokenizer.Texts("a\U0001F600")[0]);
    }

    [Fact]
    public void A_whole_word_of_the_vocabulary_skips_merges_where_the_model_says_so()
    {
        string[] words = ["cab"];
        Assert.Equal(["cab"], TinyTokenizers.ByteLevel(["a b"], ignoreMerges: true, wholeWords: words).Texts("cab"));
        Assert.Equal(["c", "ab"], TinyTokenizers.ByteLevel(["a b"], ignoreMerges: false, wholeWords: words).Texts("cab"));
    }

    [Fact]
    public void A_prefix_space_is_added_where_there_is_none()
    {
        var tokenizer = TinyTokenizers.ByteLevel(
            ["Ġ a"], preTokenizer: """{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}""");
        Assert.Equal(["Ġa"], tokenizer.Texts("a"));
        Assert.Equal(["Ġa"], tokenizer.Texts(" a"));
        Assert.Empty(tokenizer.Texts(""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("  \t\r\n ")]
    [InlineData("שלום مرحبا 👩‍👩‍👧‍👦 é é \U0001D400")]
    [InlineData("\uFFFE\uFDD0")]
    public void Decoding_gives_the_text_back(string text)
    {
        foreach (var tokenizer in Several())
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [Fact]
    public void Decoding_gives_any_text_back()
    {
        var tokenizers = Several();
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text =>
        {
            var given = text ?? "";
            return tokenizers.All(t => t.Decode(t.Encode(given)) == given);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Lone_surrogates_become_the_replacement_character()
    {
        var tokenizer = TinyTokenizers.ByteLevel([]);
        Assert.Equal("a\uFFFDb\uFFFD", tokenizer.Decode(tokenizer.Encode("a\uD800b\uDC00")));
        Assert.Equal("\uFFFD\U0001F600\uFFFD", tokenizer.Decode(tokenizer.Encode("\uD83D\U0001F600\uD83D")));
    }

    [Fact]
    public void Concurrent_encoding_gives_the_same_ids()
    {
        var tokenizer = TinyTokenizers.ByteLevel(["a b", "b a", "ab a", "Ġ a"]);
        var texts = Enumerable.Range(0, 400).Select(i => $"ab{i % 37} aba abab{i % 11} ba").ToArray();
        var expected = texts.Select(t => TinyTokenizers.ByteLevel(["a b", "b a", "ab a", "Ġ a"]).Encode(t)).ToArray();
        var actual = new int[texts.Length][];
        Parallel.For(0, texts.Length, i => actual[i] = tokenizer.Encode(texts[i]));
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void The_word_cache_stays_bounded()
    {
        var tokenizer = TinyTokenizers.ByteLevel([]);
        for (var i = 0; i < 40_000; i++)
            tokenizer.Encode($"word{(char)('a' + (i % 26))}{(char)('a' + (i / 26 % 26))}{(char)('a' + (i / 676))}");
        Assert.InRange(tokenizer.Model.CacheCount, 1, 1 << 15);
    }

    private static Tokenizer[] Several() => [
        TinyTokenizers.ByteLevel(["a b", "Ġ a", "Ã ©"]),
        TinyTokenizers.ByteLevel(["a b", "Ġ a"], preTokenizer: Llama3Pattern),
        TinyTokenizers.ByteLevel(["Ġ Ġ"], preTokenizer: """
            {"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},
             {"type":"ByteLevel","add_prefix_space":false,"use_regex":true}]}
            """),
    ];
}
