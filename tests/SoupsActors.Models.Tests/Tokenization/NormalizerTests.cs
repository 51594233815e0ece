using System.Text.Json;
using SoupsActors.Models.Tokenization.Pipeline;

namespace SoupsActors.Models.Tests.Tokenization;

public sealed class NormalizerTests
{
    [Theory]
    [InlineData("""{"type":"NFC"}""", "e\u0301ﬁ", "éﬁ")]
    [InlineData("""{"type":"NFD"}""", "éﬁ", "e\u0301ﬁ")]
    [InlineData("""{"type":"NFKC"}""", "e\u0301ﬁ", "éfi")]
    [InlineData("""{"type":"NFKD"}""", "éﬁ", "e\u0301fi")]
    [InlineData("""{"type":"Lowercase"}""", "ÀB\U00010400", "àb\U00010428")]
    [InlineData("""{"type":"Lowercase"}""", "İ", "i\u0307")]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":false}""", " a ", "a ")]
    [InlineData("""{"type":"Strip"}""", " a ", "a")]
    [InlineData("""{"type":"Prepend","prepend":"▁"}""", "a", "▁a")]
    [InlineData("""{"type":"Prepend","prepend":"▁"}""", "", "")]
    [InlineData("""{"type":"Replace","pattern":{"String":" "},"content":"▁"}""", "a b c", "a▁b▁c")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":" {2,}"},"content":"_"}""", "a  b c   ", "a_b c_")]
    [InlineData("""{"type":"Sequence","normalizers":[{"type":"Lowercase"},{"type":"Prepend","prepend":"X"}]}""", "A", "Xa")]
    [InlineData("""{"type":"NFC"}""", "e\u0301\uFFFEe\u0301", "é\uFFFEé")]
    public void Apply_gives(string json, string text, string expected) => Assert.Equal(expected, Read(json).Apply(text));

    private static Normalizer Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Normalizer.Read(document.RootElement);
    }
}
