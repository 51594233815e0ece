using SoupsActors.Learning.Fronts;
using SoupsActors.Learning.Training;

namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>All that <see cref="RewardedExperiment"/> measured.</summary>
internal sealed record RewardedFindings
{
    public required RewardedSettings Numbers { get; init; }

    /// <summary>The first two are swept against each other.</summary>
    public required IReadOnlyList<RewardedPreference> Preferences { get; init; }

    public required bool EndpointsEqualExperts { get; init; }

    /// <summary>The base by both rewards and both judges.</summary>
    public required PromptScores Base { get; init; }

    /// <summary>Experts of one initialisation, products added: the runtime's usual merge.</summary>
    public required LambdaSweep Product { get; init; }

    /// <summary>The same answers by the judges that the reward models learnt from.</summary>
    public required LambdaSweep ProductJudged { get; init; }

    /// <summary>The same experts, A and B averaged apart: the papers' merge.</summary>
    public required LambdaSweep Factor { get; init; }

    /// <summary>Experts of different initialisations, A and B averaged apart nevertheless.</summary>
    public required LambdaSweep ControlFactor { get; init; }

    /// <summary>The control's experts, products added.</summary>
    public required LambdaSweep ControlProduct { get; init; }

    /// <summary>Three experts and three rewards.</summary>
    public required LambdaSweep Simplex { get; init; }

    /// <summary>Models trained for mixtures, by both rewards and both judges; weights are μ.</summary>
    public required IReadOnlyList<SweepPoint> Rivals { get; init; }

    /// <summary>The product merge on questions about training topics: what is known when λ is chosen.</summary>
    public required LambdaSweep Known { get; init; }

    /// <summary>Further answers for hidden users to score.</summary>
    public required LambdaSweep Pool { get; init; }

    /// <summary>Metrics of the trainings by name.</summary>
    public required IReadOnlyList<(string Name, IReadOnlyList<TrainingMetrics> Steps)> Curves { get; init; }
}
