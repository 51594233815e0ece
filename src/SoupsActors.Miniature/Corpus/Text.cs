namespace SoupsActors.Miniature.Corpus;

/// <summary>Words and sentences as the corpus and its judges count them.</summary>
public static class Text
{
    /// <summary>The words of a text in lower case: runs of letters, digits and inner apostrophes.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        var words = new List<string>();
        for (var i = 0; i < text.Length;)
        {
            if (!char.IsLetterOrDigit(text[i]))
            {
                i++;
                continue;
            }

            var start = i;
            while (i < text.Length && (char.IsLetterOrDigit(text[i]) || IsInnerApostrophe(text, i))) i++;
            words.Add(text[start..i].ToLowerInvariant());
        }

        return words;
    }

    /// <summary>The sentences of a text, trimmed, each with its end mark (a last one may lack it).</summary>
    /// <remarks>A sentence ends at . ! or ? before white space or the end, so decimals stay whole.</remarks>
    public static IReadOnlyList<string> Sentences(string text)
    {
        var sentences = new List<string>();
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            var ends = i == text.Length
                || (IsEndMark(text[i]) && (i + 1 == text.Length || char.IsWhiteSpace(text[i + 1])));
            if (!ends) continue;
            var sentence = text[start..Math.Min(i + 1, text.Length)].Trim();
            if (sentence.Length > 0) sentences.Add(sentence);
            start = Math.Min(i + 1, text.Length);
        }

        return sentences;
    }

    /// <summary>Whether the character closes a sentence.</summary>
    internal static bool IsEndMark(char c) => c is '.' or '!' or '?';

    private static bool IsInnerApostrophe(string text, int i) =>
        text[i] == '\'' && i + 1 < text.Length && char.IsLetter(text[i + 1]);
}
