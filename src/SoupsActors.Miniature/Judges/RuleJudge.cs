using SoupsActors.Learning.Judging;

namespace SoupsActors.Miniature.Judges;

/// <summary>
/// The rules of a <see cref="JudgePanel"/> as a judge like any other; criteria are known by their preference ids.
/// </summary>
/// <param name="panel">The rules.</param>
public sealed class RuleJudge(JudgePanel panel) : IJudge
{
    /// <summary>The rules over the topics and phrases that come with the product.</summary>
    public static RuleJudge Default { get; } = new(JudgePanel.Default);

    /// <inheritdoc/>
    public string Id => "rules";

    /// <summary>Preferences as criteria, in their order.</summary>
    public static IReadOnlyList<Criterion> Criteria(IEnumerable<Preference> preferences) =>
        [.. preferences.Select(p => new Criterion(p.Id, p.JudgeText))];

    /// <inheritdoc/>
    public Task<Judgement> CompareAsync(
        Criterion criterion,
        string prompt,
        string answerA,
        string answerB,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(criterion);
        return Task.FromResult(panel.Compare(criterion.Id, answerA, answerB));
    }
}
