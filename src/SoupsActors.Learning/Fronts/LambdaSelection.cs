namespace SoupsActors.Learning.Fronts;

/// <summary>One answer scored by a user whose reward is not known.</summary>
/// <param name="point">Index into the grid: which merged model answers.</param>
/// <param name="prompt">
/// Which prompt it answers, counted from 0. The same number means the same prompt at every point, and no point gets the
/// same prompt twice.
/// </param>
/// <param name="cancellationToken">Stops the call.</param>
public delegate ValueTask<double> ScoreSample(int point, int prompt, CancellationToken cancellationToken);

/// <summary>The rewards, one for each of the sweep's, of an answer that a user may be asked to score.</summary>
/// <param name="point">As for <see cref="ScoreSample"/>.</param>
/// <param name="prompt">As for <see cref="ScoreSample"/>.</param>
public delegate IReadOnlyList<double> RewardsOfSample(int point, int prompt);

/// <summary>The weights chosen for a user.</summary>
/// <param name="Point">Index into the grid.</param>
/// <param name="SamplesUsed">Answers that were scored.</param>
public readonly record struct LambdaChoice(int Point, int SamplesUsed);

/// <summary>
/// Chooses λ for a user whose mixture μ of rewards is hidden, from few scored answers (Rewarded Soups: λ
/// is chosen after training, on a small labelled sample of the user's reward).
/// </summary>
public static class LambdaSelection
{
    /// <summary>
    /// Fits the mixture μ to scored answers whose rewards are known, and takes the grid point that earns most by it.
    /// The way that needs fewest samples where the user's reward is a mixture of the rewards at hand, as Rewarded Soups
    /// has it: Σ μ_j R_j with μ on the simplex, up to a level of the user's own. A user who wants something else, or
    /// scores in another unit, is misread. Since the rewards of the answers are known before the user is asked, those
    /// answers are asked for whose scores tell most about μ: good by one reward and bad by another.
    /// </summary>
    /// <param name="known">What each grid point earns by each reward.</param>
    /// <param name="prompts">Prompts that every grid point has answered.</param>
    /// <param name="rewards">The rewards of an answer.</param>
    /// <param name="score">Scores one answer.</param>
    /// <param name="samples">Most answers to score, more than there are rewards.</param>
    /// <param name="cancellationToken">Stops the choice.</param>
    public static async Task<LambdaChoice> MixtureAsync(
        LambdaSweep known,
        int prompts,
        RewardsOfSample rewards,
        ScoreSample score,
        int samples,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(rewards);
        ArgumentNullException.ThrowIfNull(score);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(samples, known.Rewards);
        ArgumentOutOfRangeException.ThrowIfLessThan(prompts * known.Points.Count, samples);
        double[][] answers =
        [
            .. from prompt in Enumerable.Range(0, prompts)
               from point in Enumerable.Range(0, known.Points.Count)
               select (double[])[.. rewards(point, prompt)],
        ];
        var rows = new List<double[]>(samples);
        var values = new List<double>(samples);
        foreach (var answer in OptimalDesign.Choose([.. answers.Select(Contrasts)], samples))
        {
            var (prompt, point) = Math.DivRem(answer, known.Points.Count);
            values.Add(await score(point, prompt, cancellationToken));
            rows.Add(answers[answer]);
        }

        var mixture = Mixture(rows, values);
        var best = Enumerable.Range(0, known.Points.Count)
            .MaxBy(point => known.Points[point].Scores.Means.Zip(mixture, (mean, weight) => mean * weight).Sum());
        return new LambdaChoice(best, samples);
    }

    /// <summary>What the fit goes by: how much more an answer has of each reward than of the last, and a level.</summary>
    private static double[] Contrasts(double[] rewards) => [.. rewards.SkipLast(1).Select(r => r - rewards[^1]), 1];

    /// <summary>
    /// Least squares for shares that are not negative and have the sum 1, beside a free level: the last reward that is
    /// left stands for what the others' shares lack, and rewards whose share would be negative are left out, worst
    /// first.
    /// </summary>
    internal static double[] Mixture(IReadOnlyList<double[]> rewards, IReadOnlyList<double> scores)
    {
        var left = Enumerable.Range(0, rewards[0].Length).ToList();
        while (true)
        {
            var last = left[^1];
            var free = LeastSquares.Solve(
                [.. rewards.Select(row => (double[])[.. left.SkipLast(1).Select(j => row[j] - row[last]), 1])],
                [.. scores.Zip(rewards, (score, row) => score - row[last])]);
            double[] shares = [.. free[..^1], 1 - free[..^1].Sum()];
            if (shares.Min() >= 0)
            {
                var mixture = new double[rewards[0].Length];
                foreach (var (reward, share) in left.Zip(shares))
                    mixture[reward] = share;
                return mixture;
            }

            left.RemoveAt(Array.IndexOf(shares, shares.Min()));
        }
    }

    /// <summary>
    /// Fits a quadratic of λ to samples spread evenly over the grid and takes its best grid point. Where the rewards
    /// are quadratic in the weights, as the theory of Rewarded Soups assumes, so is the user's reward in
    /// λ. Each round asks one prompt of every point, and has its own level in the fit, so that easy and hard prompts do
    /// not pass for good and bad weights.
    /// </summary>
    /// <param name="grid">Weights to choose from.</param>
    /// <param name="score">Scores one answer.</param>
    /// <param name="samples">
    /// Most answers to score; enough to tell the coefficients, see <see cref="LeastSamples"/>.
    /// </param>
    /// <param name="cancellationToken">Stops the choice.</param>
    /// <exception cref="ArgumentException">There are too few samples for the fit.</exception>
    public static async Task<LambdaChoice> QuadraticAsync(
        IReadOnlyList<IReadOnlyList<double>> grid,
        ScoreSample score,
        int samples,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentNullException.ThrowIfNull(score);
        if (samples < LeastSamples(grid) || grid.Count < Features(grid[0]).Length + 1)
        {
            throw new ArgumentException(
                $"{samples} samples over {grid.Count} points do not determine a quadratic; "
                + $"take at least {LeastSamples(grid)}.",
                nameof(samples));
        }

        var rounds = (samples + grid.Count - 1) / grid.Count;
        var rows = new List<double[]>(samples);
        var values = new List<double>(samples);
        foreach (var (round, point) in Schedule(grid.Count, samples))
        {
            values.Add(await score(point, round, cancellationToken));
            rows.Add([.. Features(grid[point]), .. SimplexGrid.Vertex(rounds, round)]);
        }

        var coefficients = LeastSquares.Solve(rows, values);
        var best = Enumerable.Range(0, grid.Count)
            .MaxBy(point => Features(grid[point]).Zip(coefficients, (f, c) => f * c).Sum());
        return new LambdaChoice(best, samples);
    }

    /// <summary>
    /// The fewest samples that <see cref="QuadraticAsync"/> takes: as many as there are coefficients.
    /// </summary>
    public static int LeastSamples(IReadOnlyList<IReadOnlyList<double>> grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        return Features(grid[0]).Length + 1;
    }

    /// <summary>
    /// Sequential halving (Karnin et al. 2013): scores every point, drops the worse half, scores the rest again, until
    /// one is left. Assumes nothing about the shape of the reward, and so needs more samples.
    /// </summary>
    /// <param name="points">Size of the grid.</param>
    /// <param name="score">Scores one answer.</param>
    /// <param name="samples">Most answers to score, at least one for each point.</param>
    /// <param name="cancellationToken">Stops the choice.</param>
    public static async Task<LambdaChoice> HalvingAsync(
        int points, ScoreSample score, int samples, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(score);
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, points);
        var sums = new double[points];
        var alive = Enumerable.Range(0, points).ToArray();
        var asked = 0;
        var used = 0;
        while (alive.Length > 1)
        {
            var rounds = (int)Math.Ceiling(Math.Log2(alive.Length));
            var left = (samples - used) / alive.Length;
            var each = Math.Min(Math.Max(1, left / rounds), left);
            if (each == 0)
                break;
            for (var i = 0; i < each; i++, asked++)
            {
                foreach (var point in alive)
                    sums[point] += await score(point, asked, cancellationToken);
            }

            used += each * alive.Length;

            // All that are left have answered the same prompts, so their sums compare.
            alive = [.. alive.OrderByDescending(point => sums[point]).Take((alive.Length + 1) / 2)];
        }

        return new LambdaChoice(alive.MaxBy(point => sums[point]), used);
    }

    /// <summary>
    /// Whole rounds over the grid; the last, partial one takes points spread over it from first to last.
    /// </summary>
    private static IEnumerable<(int Round, int Point)> Schedule(int points, int samples)
    {
        for (var start = 0; start < samples; start += points)
        {
            var size = Math.Min(points, samples - start);
            for (var i = 0; i < size; i++)
                yield return (start / points, size == 1 ? 0 : (int)Math.Round((double)i * (points - 1) / (size - 1)));
        }
    }

    /// <summary>Linear and quadratic terms of all parts of λ but the last, which the others determine.</summary>
    private static double[] Features(IReadOnlyList<double> weights)
    {
        var free = weights.Count - 1;
        var features = new List<double>();
        for (var i = 0; i < free; i++)
        {
            features.Add(weights[i]);
            for (var j = i; j < free; j++)
                features.Add(weights[i] * weights[j]);
        }

        return [.. features];
    }
}
