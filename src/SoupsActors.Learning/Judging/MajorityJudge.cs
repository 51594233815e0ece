namespace SoupsActors.Learning.Judging;

/// <summary>Several judges, each with one vote; without a majority it is a tie.</summary>
/// <param name="judges">The judges, at least one.</param>
public sealed class MajorityJudge(IReadOnlyList<IJudge> judges) : IJudge
{
    private readonly IJudge[] judges = judges is { Count: > 0 }
        ? [.. judges]
        : throw new ArgumentException("A majority needs at least one judge.", nameof(judges));

    /// <inheritdoc/>
    public string Id => $"majority({string.Join(", ", judges.Select(j => j.Id))})";

    /// <inheritdoc/>
    public async Task<Judgement> CompareAsync(
        Criterion criterion,
        string prompt,
        string answerA,
        string answerB,
        CancellationToken cancellationToken = default) =>
        Judgements.Aggregate(await Task.WhenAll(
            judges.Select(j => j.CompareAsync(criterion, prompt, answerA, answerB, cancellationToken))));
}
