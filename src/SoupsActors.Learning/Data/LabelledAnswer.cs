using SoupsActors.Models.Tokenization.Chat;

namespace SoupsActors.Learning.Data;

/// <summary>An answer that was called good or bad by itself, without another one beside it.</summary>
/// <param name="Prompt">The prompt as the user wrote it, no chat template.</param>
/// <param name="Completion">The answer.</param>
/// <param name="Label">Whether it is good.</param>
public sealed record LabelledAnswer(string Prompt, string Completion, bool Label)
{
    /// <summary>The conversation before the prompt, oldest message first, a system message included.</summary>
    public IReadOnlyList<ChatTurn> Earlier { get; init; } = [];

    /// <summary>Id of the preference it was judged by, or null for whether it is good at all.</summary>
    public string? Preference { get; init; }

    /// <summary>How good, 0 to 1, where the judge said more than yes or no.</summary>
    public double? Score { get; init; }

    /// <summary>Where it comes from: a data set, a user, a judge; or null.</summary>
    public string? Source { get; init; }
}
