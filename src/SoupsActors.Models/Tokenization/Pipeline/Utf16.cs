namespace SoupsActors.Models.Tokenization.Pipeline;

internal static class Utf16
{
    /// <summary>The text with every lone surrogate replaced by U+FFFD, as encoding it in UTF-8 would.</summary>
    public static string WellFormed(string text)
    {
        var first = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF');
        if (first < 0)
            return text;
        return string.Create(text.Length, text, static (characters, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                if (i + 1 < source.Length && char.IsSurrogatePair(source[i], source[i + 1]))
                {
                    characters[i] = source[i];
                    characters[i + 1] = source[++i];
                }
                else
                {
                    characters[i] = char.IsSurrogate(source[i]) ? '\uFFFD' : source[i];
                }
            }
        });
    }
}
