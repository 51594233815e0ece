using SoupsActors.Learning.Data;

namespace SoupsActors.Learning.Rewards;

/// <summary>A part of an answer as a reward learns from it.</summary>
/// <param name="Sequence">Token ids of the prompt and of the answer up to the part's last token.</param>
/// <param name="Value">How good the part is.</param>
public sealed record SegmentExample(int[] Sequence, float Value)
{
    /// <summary>Parts as examples; what neither has a value nor a label with one is left out.</summary>
    /// <param name="segments">The parts.</param>
    /// <param name="format">How the model reads them.</param>
    /// <param name="values">What labels are worth, for parts without a value of their own.</param>
    public static IReadOnlyList<SegmentExample> Of(
        IEnumerable<LabelledSegment> segments,
        ConversationFormat format,
        IReadOnlyDictionary<string, double>? values = null)
    {
        ArgumentNullException.ThrowIfNull(segments);
        ArgumentNullException.ThrowIfNull(format);
        var examples = new List<SegmentExample>();
        foreach (var segment in segments)
        {
            var value = segment.Value
                ?? (values is not null && values.TryGetValue(segment.Label, out var known) ? known : null);
            if (value is { } number && float.IsFinite((float)number))
                examples.Add(new SegmentExample(format.UpToEnd(segment), (float)number));
        }

        return examples;
    }
}
