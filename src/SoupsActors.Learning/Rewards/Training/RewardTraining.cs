using System.Text.Json;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Files;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Rewards;

/// <summary>
/// Reward learning from comparisons with Bradley and Terry's model (Ouyang et al. 2022, equation 1): −log σ(r(x, y_w) −
/// r(x, y_l)), with margins, soft and smoothed labels, and MORE's weights over several data sets (arXiv 2312.07401).
/// </summary>
/// <remarks>
/// The pairs of a step are a function of the step number, so a run that goes on from its checkpoint equals an
/// undisturbed one to the bit.
/// </remarks>
public static class RewardTraining
{
    /// <summary>
    /// Trains a reward model on a list of pairs, then fixes its normalisation on their answers and writes what it
    /// reached into its card.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="pairs">What it learns from.</param>
    /// <param name="heldOut">What it is tested on; may be empty.</param>
    /// <param name="options">Settings.</param>
    /// <param name="checkpoint">Where the state is kept; <see cref="Fingerprint"/> names the run.</param>
    /// <param name="progress">Told the metrics of steps.</param>
    /// <param name="betweenBatches">Awaited between batches, so that others get their turn.</param>
    /// <param name="cancellation">Stops after the current step; the state is kept.</param>
    /// <returns>The reports on the training pairs and on those held out, null where there are none.</returns>
    public static async Task<(RewardReport Training, RewardReport? HeldOut)> RunAsync(
        RewardModel model,
        IReadOnlyList<TokenPair> pairs,
        IReadOnlyList<TokenPair> heldOut,
        RewardTrainingOptions options,
        Checkpoint? checkpoint = null,
        IProgress<TrainingMetrics>? progress = null,
        Func<CancellationToken, ValueTask>? betweenBatches = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(heldOut);
        ArgumentNullException.ThrowIfNull(options);
        var labelled = PairOrder.Flip(pairs, options.Flipped);
        var order = PairOrder.Mixed(labelled, options.BatchPairs, options.Seed);
        await RunAsync(model, order, options, checkpoint, progress, betweenBatches, cancellation);

        var measured = labelled.Take(options.NormalisationAnswers / 2).ToArray();
        var training = await RewardReport.MeasureAsync(model, measured, betweenBatches, cancellation);
        var tested = heldOut.Count == 0
            ? null
            : await RewardReport.MeasureAsync(model, heldOut, betweenBatches, cancellation);
        model.Card = model.Card with
        {
            Mean = training.Scores.Mean,
            StandardDeviation = Math.Max(training.Scores.StandardDeviation, 1e-6),
            TrainingPairs = pairs.Count,
            TrainingAccuracy = training.Accuracy,
            HeldOutPairs = heldOut.Count,
            HeldOutAccuracy = tested?.Accuracy,
            HeldOutCalibrationError = tested?.CalibrationError,
            Details = new Dictionary<string, string>(model.Card.Details) { ["settings"] = JsonSerializer.Serialize(options) },
        };
        return (training, tested);
    }

    /// <summary>Trains any reward network on the pairs of each step.</summary>
    /// <param name="network">What is trained.</param>
    /// <param name="pairs">The pairs of a step, numbered from 1; see <see cref="PairOrder"/>.</param>
    /// <param name="options">Settings.</param>
    /// <param name="checkpoint">Where the state is kept, or null for a run that cannot be resumed.</param>
    /// <param name="progress">Told the metrics of steps.</param>
    /// <param name="betweenBatches">Awaited between batches, so that others get their turn.</param>
    /// <param name="cancellation">Stops after the current step; the state is kept.</param>
    /// <exception cref="DivergedException">Loss or gradient is not finite; the last checkpoint is intact.</exception>
    public static async Task RunAsync(
        IRewardNetwork network,
        Func<int, IReadOnlyList<TokenPair>> pairs,
        RewardTrainingOptions options,
        Checkpoint? checkpoint = null,
        IProgress<TrainingMetrics>? progress = null,
        Func<CancellationToken, ValueTask>? betweenBatches = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();

        using var optimiser = new AdamW(network.Backend, network.TrainedParameters, options.Optimiser);
        var more = options.More is { } settings ? new MoreWeights(settings, network) : null;
        checkpoint?.TryRestore(state =>
        {
            state.Load("value", network.TrainedParameters);
            state.Load("optimiser", optimiser);
            more?.Load(state);
        });

        using var tape = new Tape(network.Backend);
        var recent = new RecentGaps();
        for (var step = optimiser.StepsTaken + 1; step <= options.Steps; step++)
        {
            if (cancellation.IsCancellationRequested)
            {
                Save();
                cancellation.ThrowIfCancellationRequested();
            }

            var chosen = pairs(step);
            if (chosen.Count == 0)
                throw new ArgumentException($"Step {step} has no pairs to learn from.", nameof(pairs));
            var metrics = new StepMetrics(chosen.Count, recent);
            var dropout = RolloutSeeds.Of(unchecked((ulong)options.Seed), step);
            var parts = 0;
            var size = options.MicroBatchPairs > 0 ? options.MicroBatchPairs : chosen.Count;
            foreach (var part in chosen.Chunk(size))
            {
                if (betweenBatches is not null)
                    await betweenBatches(cancellation);
                var batch = PairBatch.Pack(part);
                tape.DropoutSeed = RolloutSeeds.Of(dropout, parts++);
                var features = network.Features(tape, batch.Sequences);
                var scores = features.Linear(tape.Use(network.Head));
                var losses = Losses(scores, batch, options);
                metrics.Add(scores.ToArray(), losses.ToArray());

                // Every pair counts alike, or as much as MORE gives its data set.
                var weights = more?.PairWeights(features.Detach(), batch, options)
                    ?? [.. Enumerable.Repeat(1f / chosen.Count, batch.Count)];
                var loss = (losses * tape.Constant(weights, batch.Count, 1)).Sum();
                if (options.ScoreL2 > 0)
                    loss += Centring(scores, batch.Count) * (float)(options.ScoreL2 * batch.Count / chosen.Count);
                if (!float.IsFinite(loss.ToScalar()))
                    throw new DivergedException($"The loss of step {step} is {loss.ToScalar()}.");
                tape.Backward(loss);
                tape.Reset();
            }

            var rate = options.Schedule.At(step);
            var norm = optimiser.Step(rate);
            if (step % options.ReportEvery == 0 || step == options.Steps)
                progress?.Report(metrics.ToMetrics(step, rate, norm, more?.Lambda));
            if (step % options.CheckpointEvery == 0 || step == options.Steps)
                Save();
        }

        void Save() => checkpoint?.Save(state =>
        {
            state.Add("value", network.TrainedParameters);
            state.Add("optimiser", optimiser);
            more?.Save(state);
        });
    }

    /// <summary>
    /// −q·log σ(Δr − m) − (1 − q)·log σ(m − Δr) for each pair, n × 1, where q is the probability that its label is right:
    /// (1 − α)·p + α·(1 − p) for a soft label p and smoothing α. The margin m stands inside σ (Touvron et al. 2023, equation
    /// 2; Secrets of RLHF II prints it outside by mistake).
    /// </summary>
    internal static Tensor Losses(Tensor scores, PairBatch batch, RewardTrainingOptions options)
    {
        var n = batch.Count;
        var tape = scores.Tape;
        var smoothing = (float)options.LabelSmoothing;
        var margin = tape.Constant([.. batch.Pairs.Select(p => p.ScaledMargin(options.MarginScale))], n, 1);
        var q = tape.Constant(
            [.. batch.Pairs.Select(p => (1 - smoothing) * p.ChosenProbability + smoothing * (1 - p.ChosenProbability))], n, 1);
        var gap = scores.SliceRows(0, n) - scores.SliceRows(n, n) - margin;
        return -(q * gap.LogSigmoid() + (1 - q) * (-gap).LogSigmoid());
    }

    /// <summary>A name for settings and data, so that a checkpoint of others is refused.</summary>
    public static string Fingerprint(RewardTrainingOptions options, IReadOnlyList<TokenPair> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        using var hash = new ContentHash("soups-reward-training-1");
        hash.Add(JsonSerializer.Serialize(options));
        hash.Add(pairs);
        return hash.Finish();
    }

    private static Tensor Centring(Tensor scores, int n) => (scores.SliceRows(0, n) + scores.SliceRows(n, n)).Square().Mean();
}
