using SoupsActors.Models.Tokenization.Chat;

namespace SoupsActors.Learning.Data;

/// <summary>A part of an answer that was judged by itself: what rewards of single tokens are learnt from.</summary>
/// <param name="Prompt">The prompt as the user wrote it, no chat template.</param>
/// <param name="Completion">The whole answer.</param>
/// <param name="Start">First character of the part, counted in UTF-16 code units from 0.</param>
/// <param name="Length">Its length in UTF-16 code units, at least 1; it ends within the answer.</param>
/// <param name="Label">What the part is, such as <c>false</c>, <c>off-topic</c>, <c>good</c>.</param>
public sealed record LabelledSegment(string Prompt, string Completion, int Start, int Length, string Label)
{
    /// <summary>The conversation before the prompt, oldest message first, a system message included.</summary>
    public IReadOnlyList<ChatTurn> Earlier { get; init; } = [];

    /// <summary>Id of the preference it was judged by, or null for how good it is at all.</summary>
    public string? Preference { get; init; }

    /// <summary>How good the part is, on the judge's own scale, or null where only the label says.</summary>
    public double? Value { get; init; }

    /// <summary>Where it comes from: a data set, a user, a judge; or null.</summary>
    public string? Source { get; init; }

    /// <summary>The part itself.</summary>
    public string Text => Completion.Substring(Start, Length);
}
