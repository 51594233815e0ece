namespace SoupsActors.Models.Tokenization.Pipeline;

/// <summary>What becomes of the matches that a text is split at.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}

internal static class Splitting
{
    public static SplitBehavior Parse(string name) =>
        Enum.TryParse<SplitBehavior>(name, out var behavior) && !char.IsAsciiDigit(name[0])
            ? behavior
            : throw TokenizerFile.Error(
                $"The split behavior '{name}' is not supported. "
                + $"Supported: {string.Join(", ", Enum.GetNames<SplitBehavior>())}.");

    /// <summary>Cuts a text at matches (in order, not overlapping) and appends the non-empty pieces.</summary>
    public static void Split(
        string text, List<Range> matches, SplitBehavior behavior, bool invert, List<string> pieces)
    {
        var spans = new List<(int Start, int End, bool Match)>();
        var from = 0;
        foreach (var match in matches)
        {
            if (match.Start.Value > from)
                spans.Add((from, match.Start.Value, invert));
            spans.Add((match.Start.Value, match.End.Value, !invert));
            from = match.End.Value;
        }

        if (from < text.Length)
            spans.Add((from, text.Length, invert));

        // The joining behaviors grow a piece by its neighbour; the others keep the spans as they are.
        var start = -1;
        for (var i = 0; i < spans.Count; i++)
        {
            var (begin, end, match) = spans[i];
            if (match && behavior == SplitBehavior.Removed)
                continue;
            if (start < 0)
                start = begin;
            if (i + 1 < spans.Count && Joins(spans, i, behavior))
                continue;
            pieces.Add(start == 0 && end == text.Length ? text : text[start..end]);
            start = -1;
        }
    }

    /// <summary>Whether span <paramref name="i"/> and the one after it are one piece.</summary>
    private static bool Joins(List<(int Start, int End, bool Match)> spans, int i, SplitBehavior behavior)
    {
        var (match, next) = (spans[i].Match, spans[i + 1].Match);
        return behavior switch
        {
            SplitBehavior.Contiguous => match == next,
            SplitBehavior.MergedWithPrevious => next && !match,
            SplitBehavior.MergedWithNext => match && !next,
            _ => false,
        };
    }
}
