using SoupsActors.Models.Tokenization.Chat;

namespace SoupsActors.Learning.Data;

/// <summary>Somebody's, or some judge's, preference between two answers to one prompt.</summary>
/// <param name="Prompt">The prompt as the user wrote it, no chat template.</param>
/// <param name="Chosen">The preferred answer.</param>
/// <param name="Rejected">The other answer.</param>
public sealed record Comparison(string Prompt, string Chosen, string Rejected)
{
    /// <summary>The conversation before the prompt, oldest message first, a system message included.</summary>
    public IReadOnlyList<ChatTurn> Earlier { get; init; } = [];

    /// <summary>Id of the preference it was judged by, such as P1A, or null for which answer is better at all.</summary>
    public string? Preference { get; init; }

    /// <summary>
    /// By how much, on the judge's own scale, or null where unknown; <see cref="Margins"/> brings scales together.
    /// </summary>
    public double? Margin { get; init; }

    /// <summary>What the margin is measured in, where one source has several scales; or null.</summary>
    public string? Scale { get; init; }

    /// <summary>How sure the judge is that <see cref="Chosen"/> is better, 0 to 1.</summary>
    public double ChosenProbability { get; init; } = 1;

    /// <summary>Where it comes from: a data set, a user, a judge; or null.</summary>
    public string? Source { get; init; }
}
