namespace SoupsActors.Learning.Judging;

/// <summary>The outcome of comparing answer A with answer B, from A's side.</summary>
public enum Judgement
{
    /// <summary>B meets the criterion more clearly.</summary>
    Loss = -1,

    /// <summary>Neither does, within the judge's margin.</summary>
    Tie = 0,

    /// <summary>A meets the criterion more clearly.</summary>
    Win = 1,
}

/// <summary>What answers are compared by, one at a time.</summary>
/// <param name="Id">Id of the preference, or a word such as <c>helpfulness</c>.</param>
/// <param name="Text">The criterion in words: "Choose a response that …".</param>
public sealed record Criterion(string Id, string Text);

/// <summary>Compares two answers to one prompt by one criterion: rules, a reward model, a language model.</summary>
public interface IJudge
{
    /// <summary>Names the judge in reports.</summary>
    string Id { get; }

    /// <summary>Which of two answers meets the criterion more clearly.</summary>
    /// <exception cref="ArgumentException">The judge does not know the criterion.</exception>
    Task<Judgement> CompareAsync(
        Criterion criterion, string prompt, string answerA, string answerB, CancellationToken cancellationToken = default);
}
