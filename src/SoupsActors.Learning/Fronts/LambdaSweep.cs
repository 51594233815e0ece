namespace SoupsActors.Learning.Fronts;

/// <summary>The merged model θ_λ = Σ λ_i θ_i and what it earns.</summary>
/// <param name="Weights">λ, the share of each expert.</param>
/// <param name="Scores">Its rewards.</param>
public sealed record SweepPoint(IReadOnlyList<double> Weights, PromptScores Scores);

/// <summary>
/// Merged models along a grid of weights λ, each scored by every reward on the same prompts (Rewarded Soups, Ramé et
/// al. 2023). The experts themselves, λ at a vertex, are part of it.
/// </summary>
public sealed class LambdaSweep
{
    /// <summary>A sweep of points that were scored.</summary>
    /// <exception cref="ArgumentException">
    /// Prompts, rewards or experts differ, or an endpoint is missing or there twice.
    /// </exception>
    public LambdaSweep(IEnumerable<SweepPoint> points)
    {
        Points = [.. points];
        if (Points.Count == 0)
            throw new ArgumentException("A sweep needs points.", nameof(points));
        var first = Points[0];
        Experts = first.Weights.Count;
        foreach (var point in Points)
        {
            if (point.Weights.Count != Experts)
                throw new ArgumentException("Every point must give a weight to each expert.", nameof(points));
            if (point.Scores.Rewards != first.Scores.Rewards || point.Scores.Prompts != first.Scores.Prompts)
            {
                throw new ArgumentException(
                    "Every point must be scored by the same rewards on the same prompts.", nameof(points));
            }
        }

        Endpoints =
        [
            .. Enumerable.Range(0, Experts).Select(expert =>
                Points.Where(p => SimplexGrid.VertexOf(p.Weights) == expert).ToArray() is [var endpoint]
                    ? endpoint
                    : throw new ArgumentException($"The sweep must hold expert {expert} alone, once.", nameof(points))),
        ];
    }

    /// <summary>All points, in the order they were given.</summary>
    public IReadOnlyList<SweepPoint> Points { get; }

    /// <summary>The experts themselves, in the order of the parts of λ.</summary>
    public IReadOnlyList<SweepPoint> Endpoints { get; }

    /// <summary>Points that mix at least two experts.</summary>
    public IEnumerable<SweepPoint> Interior => Points.Where(p => SimplexGrid.VertexOf(p.Weights) < 0);

    /// <summary>Parts of λ.</summary>
    public int Experts { get; }

    /// <summary>Rewards that score each point; need not be one for each expert.</summary>
    public int Rewards => Points[0].Scores.Rewards;

    /// <summary>Prompts that each point answers.</summary>
    public int Prompts => Points[0].Scores.Prompts;

    /// <summary>Scores every point of a grid.</summary>
    /// <param name="grid">Weights, the vertices among them; <see cref="SimplexGrid.Lattice"/> gives them.</param>
    /// <param name="score">Answers all prompts with the merged model of these weights and scores the answers.</param>
    /// <param name="progress">Told of each point.</param>
    /// <param name="cancellationToken">Stops the sweep.</param>
    public static async Task<LambdaSweep> RunAsync(
        IReadOnlyList<double[]> grid,
        Func<IReadOnlyList<double>, CancellationToken, Task<PromptScores>> score,
        IProgress<SweepPoint>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentNullException.ThrowIfNull(score);
        var points = new List<SweepPoint>(grid.Count);
        foreach (var weights in grid)
        {
            cancellationToken.ThrowIfCancellationRequested();
            points.Add(new SweepPoint(weights, await score(weights, cancellationToken)));
            progress?.Report(points[^1]);
        }

        return new LambdaSweep(points);
    }
}
