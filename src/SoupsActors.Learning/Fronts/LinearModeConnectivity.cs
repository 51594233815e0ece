namespace SoupsActors.Learning.Fronts;

/// <summary>How far a merged model lies above the chord between the experts, by one reward.</summary>
/// <param name="Weights">λ.</param>
/// <param name="Reward">Index of the reward.</param>
/// <param name="Value">R_j(θ_λ), mean over the prompts.</param>
/// <param name="Chord">Σ λ_i R_j(θ_i).</param>
/// <param name="StandardError">Of the margin, from its differences prompt by prompt.</param>
public sealed record ConnectivityMargin(
    IReadOnlyList<double> Weights, int Reward, double Value, double Chord, double StandardError)
{
    /// <summary>R_j(θ_λ) − Σ λ_i R_j(θ_i); what the hypothesis says is not negative.</summary>
    public double Margin => Value - Chord;

    /// <summary>Whether the margin is no more than two standard errors below zero.</summary>
    public bool Holds => Margin >= -LinearModeConnectivity.StandardErrors * StandardError
        - Rounding * Math.Max(1, Math.Abs(Value) + Math.Abs(Chord));

    private const double Rounding = 1e-12;
}

/// <summary>
/// Linear mode connectivity, working hypothesis 1 of Rewarded Soups (Ramé et al. 2023): for every λ and
/// reward j, R_j(Σ λ_i θ_i) ≥ Σ λ_i R_j(θ_i). Two experts that do not share their initialisation break it.
/// </summary>
public sealed class LinearModeConnectivity
{
    /// <summary>Standard errors that a margin may lie below zero.</summary>
    public const double StandardErrors = 2;

    private LinearModeConnectivity(IReadOnlyList<ConnectivityMargin> margins, int rewards)
    {
        Margins = margins;
        Points = margins.Count / rewards;
        PointsHolding = margins.Chunk(rewards).Count(point => point.All(m => m.Holds));
    }

    /// <summary>One margin for each interior point and reward, rewards side by side.</summary>
    public IReadOnlyList<ConnectivityMargin> Margins { get; }

    /// <summary>Interior points.</summary>
    public int Points { get; }

    /// <summary>Interior points where every reward's margin holds.</summary>
    public int PointsHolding { get; }

    /// <summary>Share of the margins that hold.</summary>
    public double FractionHolding => Margins.Average(m => m.Holds ? 1.0 : 0.0);

    /// <summary>The least margin.</summary>
    public double MinMargin => Margins.Min(m => m.Margin);

    /// <summary>The mean margin.</summary>
    public double MeanMargin => Margins.Average(m => m.Margin);

    /// <summary>
    /// The largest standard error. A sweep of few prompts holds because nothing can be told, so this belongs beside
    /// every count of margins that hold.
    /// </summary>
    public double MaxStandardError => Margins.Max(m => m.StandardError);

    /// <summary>Measures a sweep.</summary>
    /// <exception cref="ArgumentException">It has no interior point.</exception>
    public static LinearModeConnectivity Of(LambdaSweep sweep)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        var margins = sweep.Interior
            .SelectMany(point => Enumerable.Range(0, sweep.Rewards).Select(reward => Margin(sweep, point, reward)))
            .ToArray();
        if (margins.Length == 0)
            throw new ArgumentException("The sweep holds the experts alone; nothing lies between them.", nameof(sweep));
        return new LinearModeConnectivity(margins, sweep.Rewards);
    }

    private static ConnectivityMargin Margin(LambdaSweep sweep, SweepPoint point, int reward)
    {
        var chord = 0.0;
        var differences = point.Scores[reward].ToArray();
        for (var expert = 0; expert < sweep.Experts; expert++)
        {
            var weight = point.Weights[expert];
            var endpoint = sweep.Endpoints[expert].Scores;
            chord += weight * endpoint.Means[reward];
            for (var prompt = 0; prompt < differences.Length; prompt++)
                differences[prompt] -= weight * endpoint[reward][prompt];
        }

        return new ConnectivityMargin(
            point.Weights, reward, point.Scores.Means[reward], chord, PromptScores.StandardError(differences));
    }
}
