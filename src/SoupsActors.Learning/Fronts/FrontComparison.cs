namespace SoupsActors.Learning.Fronts;

/// <summary>Where a model that was trained for one mixture of rewards lies beside the soups.</summary>
/// <param name="Scaled">Its rewards in units of the experts' range.</param>
/// <param name="Excess">
/// How far it lies above the soups' front, in the same unit; see <see cref="ParetoFront.Excess"/>.
/// </param>
/// <param name="StandardError">Of the excess, from differences prompt by prompt to the nearest soup.</param>
/// <param name="IsDominated">Whether some soup dominates it.</param>
public sealed record RivalPosition(IReadOnlyList<double> Scaled, double Excess, double StandardError, bool IsDominated)
{
    /// <summary>Whether it lies above the soups' front by more than two standard errors.</summary>
    public bool IsAhead => Excess > LinearModeConnectivity.StandardErrors * StandardError;
}

/// <summary>
/// The soups' front beside models trained by multi-objective reinforcement learning, one for each mixture (Rewarded
/// Soups): hypervolumes above one reference point, in units of the experts' range.
/// </summary>
public sealed record FrontComparison
{
    private const int Resamples = 1000;

    /// <summary>Hypervolume of the soups.</summary>
    public required double SoupVolume { get; init; }

    /// <summary>Hypervolume of the rivals; 0 for none.</summary>
    public required double RivalVolume { get; init; }

    /// <summary>Hypervolume of soups and rivals together.</summary>
    public required double UnionVolume { get; init; }

    /// <summary>2.5th and 97.5th percentile of <see cref="Share"/> over resamples of the prompts.</summary>
    public required (double Low, double High) ShareInterval { get; init; }

    /// <summary>Indices of the sweep's points that no other soup dominates.</summary>
    public required IReadOnlyList<int> SoupFront { get; init; }

    /// <summary>The rivals, in the order given.</summary>
    public required IReadOnlyList<RivalPosition> Rivals { get; init; }

    /// <summary>Hypervolume of the soups over that of the union, 1 where no rival adds anything.</summary>
    public double Share => SoupVolume / UnionVolume;

    /// <summary>Compares a sweep with rivals that answered the same prompts.</summary>
    /// <param name="soups">The sweep; its endpoints set scale and reference point.</param>
    /// <param name="rivals">Scores of the rivals.</param>
    /// <param name="seed">Of the resampling.</param>
    public static FrontComparison Of(LambdaSweep soups, IReadOnlyList<PromptScores> rivals, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(soups);
        ArgumentNullException.ThrowIfNull(rivals);
        if (rivals.Any(r => r.Rewards != soups.Rewards || r.Prompts != soups.Prompts))
            throw new ArgumentException("Rivals must be scored by the sweep's rewards on its prompts.", nameof(rivals));
        var scale = RewardScale.Of(soups);
        var front = soups.Points.Select(p => scale.Scale(p.Scores.Means)).ToArray();
        var others = rivals.Select(r => scale.Scale(r.Means)).ToArray();
        return new FrontComparison
        {
            SoupVolume = Hypervolume.Of(front, scale.Reference),
            RivalVolume = Hypervolume.Of(others, scale.Reference),
            UnionVolume = Hypervolume.Of([.. front, .. others], scale.Reference),
            ShareInterval = Interval(soups, rivals, scale, seed),
            SoupFront = ParetoFront.Indices(front),
            Rivals = [.. rivals.Select((rival, i) => Position(soups, rival, scale, front, others[i]))],
        };
    }

    private static RivalPosition Position(
        LambdaSweep soups, PromptScores rival, RewardScale scale, double[][] front, double[] scaled)
    {
        var (excess, nearest, reward) = ParetoFront.Excess(front, scaled);
        var soup = soups.Points[nearest].Scores;
        var differences = new double[rival.Prompts];
        for (var prompt = 0; prompt < differences.Length; prompt++)
            differences[prompt] = (rival[reward][prompt] - soup[reward][prompt]) / scale.Range[reward];
        return new RivalPosition(
            scaled, excess, PromptScores.StandardError(differences), front.Any(p => ParetoFront.Dominates(p, scaled)));
    }

    /// <summary>
    /// A bootstrap over prompts (Efron 1979): every model keeps its answers, the prompts are drawn anew.
    /// </summary>
    private static (double Low, double High) Interval(
        LambdaSweep soups, IReadOnlyList<PromptScores> rivals, RewardScale scale, int seed)
    {
        var random = new Random(seed);
        var drawn = new int[soups.Prompts];
        var shares = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            for (var prompt = 0; prompt < drawn.Length; prompt++)
                drawn[prompt] = random.Next(drawn.Length);
            var front = soups.Points.Select(p => scale.Scale(p.Scores.Resampled(drawn))).ToArray();
            var others = rivals.Select(r => scale.Scale(r.Resampled(drawn)));
            var union = Hypervolume.Of([.. front, .. others], scale.Reference);

            // Endpoints lie above the reference on the prompts as they are, but need not on every resample.
            shares[i] = union == 0 ? 1 : Hypervolume.Of(front, scale.Reference) / union;
        }

        Array.Sort(shares);
        return (shares[(int)(0.025 * Resamples)], shares[(int)(0.975 * Resamples) - 1]);
    }
}
