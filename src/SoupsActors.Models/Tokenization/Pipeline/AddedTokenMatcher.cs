using System.Buffers;
using System.Globalization;
using System.Text;

namespace SoupsActors.Models.Tokenization.Pipeline;

/// <summary>A stretch of text between added tokens, or an added token.</summary>
/// <param name="Id">The token's id; negative for text.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct TextSegment(int Id, int Start, int End);

/// <summary>Finds added tokens in a text: leftmost first, and the longest of those that begin at one place.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<(int Node, char Next), int> edges = [];
    private readonly List<AddedToken?> ends = [null];
    private readonly SearchValues<char> firsts;

    /// <summary>Builds a trie of the tokens.</summary>
    /// <param name="tokens">The tokens to find.</param>
    /// <param name="spelling">What each is looked for as.</param>
    public AddedTokenMatcher(IEnumerable<AddedToken> tokens, Func<string, string> spelling)
    {
        var starts = new HashSet<char>();
        foreach (var token in tokens)
        {
            var text = spelling(token.Content);
            if (text.Length == 0)
                continue;
            starts.Add(text[0]);
            var node = 0;
            foreach (var c in text)
            {
                if (!edges.TryGetValue((node, c), out var child))
                {
                    child = ends.Count;
                    ends.Add(null);
                    edges.Add((node, c), child);
                }

                node = child;
            }

            ends[node] = token;
        }

        firsts = SearchValues.Create([.. starts]);
    }

    /// <summary>Cuts a text into stretches of text and tokens; they cover it without gaps.</summary>
    public List<TextSegment> Split(string text)
    {
        var segments = new List<TextSegment>();
        var done = 0;
        for (var at = 0; at < text.Length;)
        {
            var skip = text.AsSpan(at).IndexOfAny(firsts);
            if (skip < 0)
                break;
            at += skip;
            if (Longest(text, at) is not (var token, var end))
            {
                at++;
                continue;
            }

            var start = at;
            at = end;
            if (token.SingleWord && (EndsInWord(text, start) || BeginsWord(text, end)))
                continue;
            while (token.LeftStrip && start > done && char.IsWhiteSpace(text[start - 1]))
                start--;
            while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text[end]))
                end++;
            if (start > done)
                segments.Add(new TextSegment(-1, done, start));
            segments.Add(new TextSegment(token.Id, start, end));
            done = at = end;
        }

        if (done < text.Length)
            segments.Add(new TextSegment(-1, done, text.Length));
        return segments;
    }

    private (AddedToken Token, int End)? Longest(string text, int at)
    {
        (AddedToken, int)? found = null;
        var node = 0;
        for (var i = at; i < text.Length && edges.TryGetValue((node, text[i]), out node); i++)
        {
            if (ends[node] is { } token)
                found = (token, i + 1);
        }

        return found;
    }

    private static bool EndsInWord(string text, int end) =>
        Rune.DecodeLastFromUtf16(text.AsSpan(0, end), out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool BeginsWord(string text, int start) =>
        Rune.DecodeFromUtf16(text.AsSpan(start), out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool IsWord(Rune rune) => Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation;
}
