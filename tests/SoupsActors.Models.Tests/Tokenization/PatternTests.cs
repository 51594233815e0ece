using System.Globalization;
using System.Text;
using SoupsActors.Models.Files;
using SoupsActors.Models.Tokenization.Pipeline;

namespace SoupsActors.Models.Tests.Tokenization;

public sealed class PatternTests
{
    [Theory]
    [InlineData(@"a++b", @"(?>a+)b")]
    [InlineData(@"[ab]?+c", @"(?>[ab]?)c")]
    [InlineData(@"(?:ab)*+c", @"(?>(?:ab)*)c")]
    [InlineData(@"\p{N}{1,3}+", @"(?:\p{N}{1,3})+")]
    [InlineData(@"a{2}?", @"(?:a{2})?")]
    [InlineData(@"a{1,2}?", @"a{1,2}?")]
    [InlineData(@"a{,2}", @"a{0,2}")]
    [InlineData(@"a{x", @"a\{x")]
    [InlineData(@"(a|b)+", @"(?:a|b)+")]
    [InlineData(@"\p{^L}", @"\P{L}")]
    [InlineData(@"(?i:'s)s", "(?i:'[s\u017F])s")]
    [InlineData(@"\w", @"[\p{L}\p{M}\p{Nd}\p{Pc}]")]
    [InlineData(@"[\w-]", @"[\p{L}\p{M}\p{Nd}\p{Pc}-]")]
    [InlineData(@"\x{3040}", @"\u3040")]
    public void Translate_gives(string pattern, string expected) =>
        Assert.Equal(expected, OnigurumaPattern.Translate(pattern));

    [Theory]
    [InlineData(@"\p{Han}")]
    [InlineData(@"[a[b]]")]
    [InlineData(@"[[:alpha:]]")]
    [InlineData(@"[a&&b]")]
    [InlineData(@"(a)\1")]
    [InlineData(@"\h")]
    [InlineData(@"(?m:a)")]
    [InlineData(@"(a")]
    [InlineData(@"a)")]
    [InlineData(@"[a")]
    [InlineData(@"*a")]
    [InlineData("\\")]
    [InlineData(@"[z-a]")]
    [InlineData(@"\x{1F600}")]
    [InlineData(@"\u{")]
    [InlineData(@"\p{L")]
    public void What_would_mean_something_else_is_refused(string pattern) =>
        Assert.Throws<ModelFormatException>(() => OnigurumaPattern.Compile(pattern));

    [Theory]
    [InlineData("Isolated", false, "the|-|final|-|-|countdown")]
    [InlineData("Removed", false, "the|final|countdown")]
    [InlineData("MergedWithPrevious", false, "the-|final-|-|countdown")]
    [InlineData("MergedWithNext", false, "the|-final|-|-countdown")]
    [InlineData("Contiguous", false, "the|-|final|--|countdown")]
    [InlineData("Removed", true, "-|-|-")]
    public void Split_treats_matches_as_asked(string behavior, bool invert, string expected)
    {
        var pieces = new List<string>();
        const string text = "the-final--countdown";
        Splitting.Split(text, TextPattern.Literal("-").Matches(text), Splitting.Parse(behavior), invert, pieces);
        Assert.Equal(expected.Split('|'), pieces);
    }

    [Fact]
    public void Stand_ins_have_the_category_they_stand_for()
    {
        foreach (var category in Enum.GetValues<UnicodeCategory>().Where(c => c != UnicodeCategory.Surrogate))
            Assert.Equal(category, CharUnicodeInfo.GetUnicodeCategory(CodePointText.StandIn(category)));
    }

    [Fact]
    public void Positions_lead_back_to_the_text()
    {
        const string text = "a\U0001F600b\U0001D400";
        var seen = CodePointText.Of(text);
        Assert.Equal(4, seen.Characters.Length);
        Assert.Equal([0, 1, 3, 4, 6], Enumerable.Range(0, 5).Select(seen.Original));
    }

    [Fact]
    public void A_pattern_that_backtracks_without_bound_is_linear_where_it_looks_at_nothing_around()
    {
        var text = new string('a', 50_000) + "!";
        Assert.Empty(TextPattern.Regular(@"(a+)+b").Matches(text));
    }

    [Fact]
    public void The_byte_alphabet_is_one_to_one()
    {
        var all = Enumerable.Range(0, 256).Select(b => ByteAlphabet.CharOf((byte)b)).ToArray();
        Assert.Equal(256, all.Distinct().Count());
        Assert.Equal('Ġ', ByteAlphabet.CharOf((byte)' '));
        Assert.Equal('Ċ', ByteAlphabet.CharOf((byte)'\n'));
        Assert.Equal("é", Encoding.UTF8.GetString(ByteAlphabet.Bytes(ByteAlphabet.Spell("é"))));
    }
}
