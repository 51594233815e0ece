using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Experiments.More;

/// <summary>What one scheme reached on one test.</summary>
/// <param name="Scheme">Name of the scheme.</param>
/// <param name="Test">Name of the test.</param>
/// <param name="Accuracy">Share of comparisons ordered as labelled.</param>
/// <param name="CalibrationError">10 bins, both orders.</param>
/// <param name="CalibrationError5">5 bins.</param>
/// <param name="CalibrationError20">20 bins.</param>
/// <param name="MeanAbsoluteGap">Mean |Δr|.</param>
internal sealed record SchemeResult(
    string Scheme,
    string Test,
    double Accuracy,
    double CalibrationError,
    double CalibrationError5,
    double CalibrationError20,
    double MeanAbsoluteGap)
{
    /// <summary>The 10 bins; null where a stage was stored before bins were kept.</summary>
    public IReadOnlyList<CalibrationBin>? Bins { get; init; }
}

/// <summary>What one scheme makes of the comparisons of one data set that it learnt from.</summary>
/// <param name="Scheme">Name of the scheme.</param>
/// <param name="Source">Index of the data set.</param>
/// <param name="Pairs">Its comparisons.</param>
/// <param name="Accuracy">Share of them ordered as labelled.</param>
/// <param name="CalibrationError">10 bins, both orders.</param>
/// <param name="Scores">How the rewards of its answers are distributed.</param>
internal sealed record SourceResult(
    string Scheme, int Source, int Pairs, double Accuracy, double CalibrationError, Distribution Scores);

/// <summary>The results of all schemes on one problem, and MORE's weights at each of its steps.</summary>
internal sealed record ProblemResult(IReadOnlyList<SchemeResult> Schemes, IReadOnlyList<double[]> Lambda)
{
    /// <summary>
    /// Each data set under each scheme that makes one model; none where a stage was stored before they were kept.
    /// </summary>
    public IReadOnlyList<SourceResult> Sources { get; init; } = [];
}

/// <summary>Learns a linear reward from several data sets in every way there is, with one budget of steps and pairs.</summary>
internal sealed class RewardSchemes(Backend backend, RewardProblem problem, int steps, int batchPerSource, double rate, int seed)
{
    public const string Mixing = "mixing";
    public const string Balanced = "balanced mixing";
    public const string LargestFirst = "sequential, largest first";
    public const string SmallestFirst = "sequential, smallest first";
    public const string More = "MORE";
    public const string MoreUnbalanced = "MORE, not resampled";
    public const string Single = "single models, mean";
    public const string Averaging = "averaging, raw scores";
    public const string NormalisedAveraging = "averaging, normalised";

    private readonly List<SchemeResult> results = [];
    private readonly List<SourceResult> sources = [];

    private int Batch => batchPerSource * problem.Sources.Count;

    public async Task<ProblemResult> RunAsync(CancellationToken cancellationToken)
    {
        var tagged = PairOrder.Tagged(problem.Sources);
        IReadOnlyList<TokenPair> all = [.. tagged.SelectMany(s => s)];
        var more = new MoreOptions { Sources = tagged.Count };
        var lambda = new LambdaLog(tagged.Count);
        IReadOnlyList<IReadOnlyList<TokenPair>> reversed = [.. problem.Sources.Reverse()];

        await LearnAsync(Mixing, PairOrder.Mixed(all, Batch, seed));
        await LearnAsync(Balanced, PairOrder.Balanced(tagged, batchPerSource, seed));
        await LearnAsync(LargestFirst, PairOrder.Sequential(problem.Sources, Batch, steps, seed));
        await LearnAsync(SmallestFirst, PairOrder.Sequential(reversed, Batch, steps, seed));
        await LearnAsync(More, PairOrder.Balanced(tagged, batchPerSource, seed), more, lambda);
        await LearnAsync(MoreUnbalanced, PairOrder.Mixed(all, Batch, seed), more);
        await LearnSinglesAsync();
        return new ProblemResult(results, lambda.Steps) { Sources = sources };

        async Task LearnAsync(
            string scheme,
            Func<int, IReadOnlyList<TokenPair>> order,
            MoreOptions? weighting = null,
            IProgress<TrainingMetrics>? progress = null)
        {
            var head = await TrainAsync(order, weighting, progress, cancellationToken);
            Test(scheme, pairs => Scores(head, pairs));
            var scores = Scores(head, all);
            sources.AddRange(RewardReport.BySource(all, scores[..all.Count], scores[all.Count..]).Select(s =>
                new SourceResult(
                    scheme, s.Key, s.Value.Pairs, s.Value.Accuracy, s.Value.CalibrationError, s.Value.Scores)));
        }

        async Task LearnSinglesAsync()
        {
            var heads = new List<float[]>();
            foreach (var source in problem.Sources)
                heads.Add(await TrainAsync(PairOrder.Mixed(source, Batch, seed), null, null, cancellationToken));
            foreach (var test in problem.HeldOut)
                results.Add(MeanOf(heads.Select(h => Report(Single, test.Name, Scores(h, test.Pairs)))));
            Test(Averaging, pairs => Mean([.. heads.Select(h => Scores(h, pairs))]));
            Test(NormalisedAveraging, pairs => Mean([.. heads.Select((h, k) => Scaled(Scores(h, pairs), Deviation(h, k)))]));
        }
    }

    private async Task<float[]> TrainAsync(
        Func<int, IReadOnlyList<TokenPair>> order,
        MoreOptions? more,
        IProgress<TrainingMetrics>? progress,
        CancellationToken cancellationToken)
    {
        using var network = new FeatureReward(backend, problem.Table, problem.Features, seed);
        var options = new RewardTrainingOptions
        {
            Steps = steps,
            Schedule = new LearningRateSchedule(ScheduleKind.Linear, rate, steps),
            More = more,
        };
        await RewardTraining.RunAsync(network, order, options, progress: progress, cancellation: cancellationToken);
        return network.Head.ToArray();
    }

    private void Test(string scheme, Func<IReadOnlyList<TokenPair>, float[]> score) =>
        results.AddRange(problem.HeldOut.Select(test => Report(scheme, test.Name, score(test.Pairs))));

    /// <summary>Scores of the chosen answers, then of the rejected.</summary>
    private float[] Scores(float[] head, IReadOnlyList<TokenPair> pairs)
    {
        return [.. pairs.Select(p => Score(p.Chosen[^1])), .. pairs.Select(p => Score(p.Rejected[^1]))];

        float Score(int row)
        {
            var features = problem.Table.AsSpan(row * problem.Features, problem.Features);
            var sum = 0.0;
            for (var j = 0; j < features.Length; j++)
                sum += head[j] * features[j];
            return (float)sum;
        }
    }

    /// <summary>Standard deviation of a single model's scores on the answers it was trained on.</summary>
    private double Deviation(float[] head, int source) =>
        Distribution.Of(Scores(head, problem.Sources[source])).StandardDeviation;

    private static float[] Scaled(float[] scores, double deviation) => [.. scores.Select(s => (float)(s / deviation))];

    private static float[] Mean(IReadOnlyList<float[]> scores) =>
        [.. Enumerable.Range(0, scores[0].Length).Select(i => scores.Average(s => s[i]))];

    private static SchemeResult Report(string scheme, string test, float[] scores)
    {
        var (chosen, rejected) = (scores[..(scores.Length / 2)], scores[(scores.Length / 2)..]);
        var report = RewardReport.Of(chosen, rejected);
        return new SchemeResult(
            scheme,
            test,
            report.Accuracy,
            report.CalibrationError,
            report.CalibrationError5,
            report.CalibrationError20,
            report.MeanAbsoluteGap)
        {
            Bins = CalibrationError.Bins([.. chosen.Zip(rejected, (c, r) => (double)c - r)]),
        };
    }

    private static SchemeResult MeanOf(IEnumerable<SchemeResult> singles)
    {
        var all = singles.ToArray();
        return new SchemeResult(
            all[0].Scheme,
            all[0].Test,
            all.Average(s => s.Accuracy),
            all.Average(s => s.CalibrationError),
            all.Average(s => s.CalibrationError5),
            all.Average(s => s.CalibrationError20),
            all.Average(s => s.MeanAbsoluteGap))
        {
            Bins = CalibrationBin.Pool([.. all.Select(s => s.Bins!)]),
        };
    }

    /// <summary>Keeps λ of every step.</summary>
    private sealed class LambdaLog(int sources) : IProgress<TrainingMetrics>
    {
        public List<double[]> Steps { get; } = [];

        public void Report(TrainingMetrics value) =>
            Steps.Add([.. Enumerable.Range(0, sources).Select(k => value[MetricNames.Lambda + k])]);
    }
}
