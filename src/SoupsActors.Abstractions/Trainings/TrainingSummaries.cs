using SoupsActors.Experts;

namespace SoupsActors.Trainings;

/// <summary>The comparisons of a training, fixed by their content.</summary>
/// <param name="Hash">SHA-256 of the comparisons as JSON lines.</param>
/// <param name="Comparisons">Comparisons to learn from.</param>
/// <param name="HeldOut">Comparisons kept back, on other prompts.</param>
/// <param name="Through">Position of the newest feedback in it.</param>
[GenerateSerializer, Immutable]
public sealed record TrainingData(
    [property: Id(0)] string Hash,
    [property: Id(1)] int Comparisons,
    [property: Id(2)] int HeldOut,
    [property: Id(3)] long Through);

/// <summary>A reward model.</summary>
/// <param name="Id">Names its content.</param>
/// <param name="Accuracy">Share of the held-out pairs that it orders rightly; null without such pairs.</param>
/// <param name="Metrics">What else was measured.</param>
[GenerateSerializer, Immutable]
public sealed record RewardSummary(
    [property: Id(0)] string Id,
    [property: Id(1)] double? Accuracy,
    [property: Id(2)] Dictionary<string, double> Metrics);

/// <summary>A trained policy: weights that could become a version.</summary>
/// <param name="Weights">The weights, admitted to the store of experts.</param>
/// <param name="Steps">Steps that were done.</param>
/// <param name="StoppedBy">Why it stopped before its last step, or null.</param>
/// <param name="Metrics">What the last step measured, by the usual names such as <c>objective/kl</c>.</param>
[GenerateSerializer, Immutable]
public sealed record PolicySummary(
    [property: Id(0)] AdmittedExpert Weights,
    [property: Id(1)] int Steps,
    [property: Id(2)] string? StoppedBy,
    [property: Id(3)] Dictionary<string, double> Metrics);

/// <summary>The new version against the current one on held-out prompts.</summary>
/// <param name="Judge">Who compared.</param>
/// <param name="Wins">Comparisons in which the new version is better.</param>
/// <param name="Ties">Comparisons in which neither is.</param>
/// <param name="Losses">Comparisons in which the current version is better.</param>
/// <param name="WinRate">Wins among the decided ones; 0.5 where none is.</param>
/// <param name="Lower">
/// Lower bound of its 95 % interval, in which a prompt counts once however often it was asked.
/// </param>
/// <param name="Upper">Upper bound of its 95 % interval.</param>
/// <param name="KlPerToken">Mean divergence of the new version from the base per token of its answers, in nats.</param>
/// <param name="Opponent">Hash of the current version, or null for the base model.</param>
[GenerateSerializer, Immutable]
public sealed record EvaluationSummary(
    [property: Id(0)] string Judge,
    [property: Id(1)] int Wins,
    [property: Id(2)] int Ties,
    [property: Id(3)] int Losses,
    [property: Id(4)] double WinRate,
    [property: Id(5)] double Lower,
    [property: Id(6)] double Upper,
    [property: Id(7)] double KlPerToken,
    [property: Id(8)] string? Opponent)
{
    /// <summary>Different prompts that were asked; null where an older program compared.</summary>
    [Id(9)]
    public int? Prompts { get; init; }
}
