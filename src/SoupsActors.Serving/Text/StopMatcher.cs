namespace SoupsActors.Serving.Text;

/// <summary>
/// Finds the first of several stop texts in a stream of characters and lets through what precedes it. The match that
/// ends first wins, and of those that end together the longest, so that the result does not depend on where tokens
/// begin.
/// </summary>
/// <remarks>
/// Knuth, Morris and Pratt 1977, one automaton per stop text. An automaton's state is the length of the longest prefix
/// of its text that ends here, so the largest state is just what must be held back.
/// </remarks>
internal sealed class StopMatcher
{
    private readonly string[] stops;
    private readonly int[][] borders;
    private readonly int[] states;
    private readonly CharBuffer held = new();

    public StopMatcher(IReadOnlyList<string> stops)
    {
        this.stops = [.. stops];
        borders = Array.ConvertAll(this.stops, Borders);
        states = new int[this.stops.Length];
    }

    /// <summary>Writes the text that can no longer be part of a stop text; true when one is complete.</summary>
    /// <remarks>After true, the answer is over: neither the stop text nor what follows it is written.</remarks>
    public bool Append(ReadOnlySpan<char> text, CharBuffer released)
    {
        if (stops.Length == 0)
        {
            released.Append(text);
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            var matched = Advance(text[i]);
            if (matched == 0)
                continue;
            held.Append(text[..(i + 1)]);
            released.Append(held.Span[..^matched]);
            held.Clear();
            return true;
        }

        held.Append(text);
        var open = 0;
        foreach (var state in states)
            open = Math.Max(open, state);
        released.Append(held.Span[..^open]);
        held.RemoveFront(held.Length - open);
        return false;
    }

    /// <summary>Writes what is held back: the answer ended without a stop text.</summary>
    public void Flush(CharBuffer released)
    {
        released.Append(held.Span);
        held.Clear();
    }

    /// <summary>
    /// Moves every automaton by one character; the length of the longest stop text that ends here, or 0.
    /// </summary>
    private int Advance(char next)
    {
        var longest = 0;
        for (var s = 0; s < stops.Length; s++)
        {
            var stop = stops[s];
            var state = states[s];
            while (state > 0 && stop[state] != next)
                state = borders[s][state - 1];
            if (stop[state] == next)
                state++;
            states[s] = state;
            if (state == stop.Length)
                longest = Math.Max(longest, state);
        }

        return longest;
    }

    /// <summary>For each prefix of a text the length of its longest proper border.</summary>
    private static int[] Borders(string text)
    {
        var result = new int[text.Length];
        for (var i = 1; i < text.Length; i++)
        {
            var border = result[i - 1];
            while (border > 0 && text[i] != text[border])
                border = result[border - 1];
            result[i] = text[i] == text[border] ? border + 1 : 0;
        }

        return result;
    }
}
