using System.Text.Json;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Files;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Rewards;

/// <summary>
/// Learns what parts of answers are worth (fine-grained feedback, Wu et al. 2023, arXiv 2306.01693): the score at a
/// part's last token, which has read the prompt and the answer up to there, shall be the part's value, with mean squared
/// error.
/// </summary>
/// <remarks>
/// The parts of a step are a function of the step number, so a run that goes on from its checkpoint equals an
/// undisturbed one to the bit.
/// </remarks>
public static class SegmentRewardTraining
{
    /// <summary>Trains a reward network on parts of answers, shuffled anew in every epoch.</summary>
    /// <param name="network">What is trained.</param>
    /// <param name="examples">What it learns from, at least one.</param>
    /// <param name="options">Settings.</param>
    /// <param name="checkpoint">Where the state is kept; <see cref="Fingerprint"/> names the run.</param>
    /// <param name="progress">Told the metrics of steps.</param>
    /// <param name="betweenBatches">Awaited between batches, so that others get their turn.</param>
    /// <param name="cancellation">Stops after the current step; the state is kept.</param>
    /// <exception cref="DivergedException">The loss is not finite; the last checkpoint is intact.</exception>
    public static async Task RunAsync(
        IRewardNetwork network,
        IReadOnlyList<SegmentExample> examples,
        SegmentRewardOptions options,
        Checkpoint? checkpoint = null,
        IProgress<TrainingMetrics>? progress = null,
        Func<CancellationToken, ValueTask>? betweenBatches = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(options);
        if (examples.Count == 0)
            throw new ArgumentException("There are no parts of answers to learn from.", nameof(examples));
        options.Validate();
        var order = new EpochOrder(examples.Count, options.Seed);
        using var optimiser = new AdamW(network.Backend, network.TrainedParameters, options.Optimiser);
        checkpoint?.TryRestore(state =>
        {
            state.Load("value", network.TrainedParameters);
            state.Load("optimiser", optimiser);
        });

        using var tape = new Tape(network.Backend);
        for (var step = optimiser.StepsTaken + 1; step <= options.Steps; step++)
        {
            if (cancellation.IsCancellationRequested)
            {
                Save();
                cancellation.ThrowIfCancellationRequested();
            }

            if (betweenBatches is not null)
                await betweenBatches(cancellation);
            SegmentExample[] chosen = [.. order.Step(step, options.Batch).Select(i => examples[i])];
            tape.DropoutSeed = RolloutSeeds.Of(unchecked((ulong)options.Seed), step);
            var scores = network.Scores(tape, PackedSequences.Pack([.. chosen.Select(e => e.Sequence)]));
            var values = tape.Constant([.. chosen.Select(e => e.Value)], chosen.Length, 1);
            var loss = (scores - values).Square().Mean();
            var (error, mean) = (loss.ToScalar(), scores.ToArray().Average());
            if (!float.IsFinite(error))
                throw new DivergedException($"The loss of step {step} is {error}.");
            tape.Backward(loss);
            tape.Reset();
            var rate = options.Schedule.At(step);
            var norm = optimiser.Step(rate);
            progress?.Report(new TrainingMetrics(step, new Dictionary<string, double>
            {
                [MetricNames.Loss] = error,
                [MetricNames.MeanReward] = mean,
                [MetricNames.GradientNorm] = norm,
                [MetricNames.LearningRate] = rate,
            }));
            if (step % options.CheckpointEvery == 0 || step == options.Steps)
                Save();
        }

        void Save() => checkpoint?.Save(state =>
        {
            state.Add("value", network.TrainedParameters);
            state.Add("optimiser", optimiser);
        });
    }

    /// <summary>A name for settings and data, so that a checkpoint of others is refused.</summary>
    public static string Fingerprint(SegmentRewardOptions options, IReadOnlyList<SegmentExample> examples)
    {
        ArgumentNullException.ThrowIfNull(examples);
        using var hash = new ContentHash("soups-segment-reward-1");
        hash.Add(JsonSerializer.Serialize(options));
        foreach (var example in examples)
        {
            hash.Add([.. example.Sequence.Select(token => (long)token)]);
            hash.Add(example.Value);
        }

        return hash.Finish();
    }
}
