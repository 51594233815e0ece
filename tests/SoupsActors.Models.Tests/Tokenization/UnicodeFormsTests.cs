using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Models.Tokenization.Pipeline;

namespace SoupsActors.Models.Tests.Tokenization;

public sealed class UnicodeFormsTests
{
    [Theory]
    [InlineData("\u1E9B\u0323", "\u1E9B\u0323", "\u017F\u0323\u0307", "\u1E69", "s\u0323\u0307")]
    [InlineData("\uD55C\uAE00", "\uD55C\uAE00", "\u1112\u1161\u11AB\u1100\u1173\u11AF", "\uD55C\uAE00", "\u1112\u1161\u11AB\u1100\u1173\u11AF")]
    [InlineData("\u212B", "\u00C5", "A\u030A", "\u00C5", "A\u030A")]
    [InlineData("\uFB01\u2075", "\uFB01\u2075", "\uFB01\u2075", "fi5", "fi5")]
    [InlineData("\u0958", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307", "q\u0323\u0307", "q\u0323\u0307", "q\u0323\u0307")]
    [InlineData("a\u0305\u0301", "a\u0305\u0301", "a\u0305\u0301", "a\u0305\u0301", "a\u0305\u0301")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165", "\U0001D157\U0001D165", "\U0001D157\U0001D165", "\U0001D157\U0001D165")]
    [InlineData("\u0301a", "\u0301a", "\u0301a", "\u0301a", "\u0301a")]
    [InlineData("\uFDFA", "\uFDFA", "\uFDFA", null, null)]
    public void Forms_are_those_of_annex_15(string text, string c, string d, string? kc, string? kd)
    {
        Assert.Equal(c, UnicodeForms.Normalize(text, NormalizationForm.FormC));
        Assert.Equal(d, UnicodeForms.Normalize(text, NormalizationForm.FormD));
        if (kc is not null)
            Assert.Equal(kc, UnicodeForms.Normalize(text, NormalizationForm.FormKC));
        if (kd is not null)
            Assert.Equal(kd, UnicodeForms.Normalize(text, NormalizationForm.FormKD));
    }

    [Fact]
    public void Composing_undoes_decomposing_and_once_is_enough()
    {
        int[] points = [0x41, 0x300, 0x301, 0x323, 0x345, 0x1100, 0x1161, 0x11A8, 0xAC00, 0x1E69, 0x3B1, 0xFB01, 0x1D15E, 0xFFFE];
        var text = Gen.Elements(points).ArrayOf().Select(ps => string.Concat(ps.Select(p => new Rune(p).ToString())));
        Prop.ForAll(text.ToArbitrary(), given =>
        {
            var composed = UnicodeForms.Normalize(given, NormalizationForm.FormC);
            var decomposed = UnicodeForms.Normalize(given, NormalizationForm.FormD);
            return composed == UnicodeForms.Normalize(decomposed, NormalizationForm.FormC)
                && composed == UnicodeForms.Normalize(composed, NormalizationForm.FormC)
                && decomposed == UnicodeForms.Normalize(composed, NormalizationForm.FormD);
        }).QuickCheckThrowOnFailure();
    }
}
