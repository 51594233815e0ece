using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Files;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Direct;

/// <summary>
/// Direct preference optimisation (Rafailov et al. 2023) and its relatives: a policy learns from comparisons without a
/// reward model, by raising h = [log π(y_w) − log π(y_l)] − [log π_ref(y_w) − log π_ref(y_l)]. Policy and reference are
/// one frozen base with different adapters.
/// </summary>
/// <remarks>
/// The pairs of a step are a function of the step number, so a run that goes on from its checkpoint equals an
/// undisturbed one to the bit.
/// </remarks>
public static class DpoTraining
{
    /// <summary>Trains a policy on a list of pairs, shuffled anew in every epoch.</summary>
    /// <param name="model">The frozen base; its adapter is switched and is the policy afterwards.</param>
    /// <param name="policy">What is trained.</param>
    /// <param name="pairs">What it learns from, at least one.</param>
    /// <param name="options">Settings.</param>
    /// <param name="reference">The reference policy's adapter, or null for the base alone.</param>
    /// <param name="checkpoint">Where the state is kept; <see cref="Fingerprint"/> names the run.</param>
    /// <param name="progress">Told the metrics of steps.</param>
    /// <param name="betweenBatches">Awaited between batches, so that others get their turn.</param>
    /// <param name="cancellation">Stops after the current step; the state is kept.</param>
    public static Task RunAsync(
        TrainableTransformer model,
        LoraAdapter policy,
        IReadOnlyList<TokenPair> pairs,
        DpoOptions options,
        LoraAdapter? reference = null,
        Checkpoint? checkpoint = null,
        IProgress<TrainingMetrics>? progress = null,
        Func<CancellationToken, ValueTask>? betweenBatches = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(options);
        if (pairs.Count == 0)
            throw new ArgumentException("There are no pairs to learn from.", nameof(pairs));
        options.Validate();
        var order = new EpochOrder(pairs.Count, options.Seed);
        var batch = Math.Min(options.BatchPairs, pairs.Count);
        return RunAsync(
            model,
            policy,
            step => [.. order.Step(step, batch).Select(i => pairs[i])],
            options,
            reference,
            checkpoint,
            progress,
            betweenBatches,
            cancellation);
    }

    /// <summary>Trains a policy on the pairs of each step.</summary>
    /// <param name="model">
    /// The frozen base; its adapter is switched during the run and is the policy afterwards.
    /// </param>
    /// <param name="policy">What is trained.</param>
    /// <param name="pairs">
    /// The pairs of a step, numbered from 1. The reference's log-probabilities are kept for as long as a pair's object
    /// is.
    /// </param>
    /// <param name="options">Settings.</param>
    /// <param name="reference">The reference policy's adapter, or null for the base alone.</param>
    /// <param name="checkpoint">Where the state is kept, or null for a run that cannot be resumed.</param>
    /// <param name="progress">Told the metrics of steps; names are those of <see cref="MetricNames"/>.</param>
    /// <param name="betweenBatches">Awaited between batches, so that others get their turn.</param>
    /// <param name="cancellation">Stops after the current step; the state is kept.</param>
    /// <exception cref="ArgumentException">A setting lies outside its range, or the base is not frozen.</exception>
    /// <exception cref="DivergedException">
    /// A number is not finite or the bound of the options is exceeded; the last checkpoint is intact.
    /// </exception>
    public static async Task RunAsync(
        TrainableTransformer model,
        LoraAdapter policy,
        Func<int, IReadOnlyList<TokenPair>> pairs,
        DpoOptions options,
        LoraAdapter? reference = null,
        Checkpoint? checkpoint = null,
        IProgress<TrainingMetrics>? progress = null,
        Func<CancellationToken, ValueTask>? betweenBatches = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (model.Parameters.Values.Any(p => p.IsTrained))
            throw new ArgumentException("The base must be frozen: it is the reference too.", nameof(model));
        if (ReferenceEquals(policy, reference))
            throw new ArgumentException("The reference must not be the policy itself, which moves.", nameof(reference));

        using var optimiser = new AdamW(model.Backend, policy.Parameters, options.Optimiser);
        checkpoint?.TryRestore(state =>
        {
            state.Load("value", policy.Parameters);
            state.Load("optimiser", optimiser);
        });

        model.Adapter = policy;
        using var forward = new Tape(model.Backend, recording: false);
        using var tape = new Tape(model.Backend);
        var known = new ConditionalWeakTable<TokenPair, float[]>();
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
            var metrics = new DpoMetrics(options);
            foreach (var part in chosen.Chunk(options.MicroBatchPairs > 0 ? options.MicroBatchPairs : chosen.Count))
            {
                if (betweenBatches is not null)
                    await betweenBatches(cancellation);
                var responses = new PairedResponses(part);
                var old = ReferenceLogProbabilities(part);
                var logProbabilities = responses.LogProbabilities(tape, model, policy);

                // Token by token first: summed log-probabilities are large, and their small difference would be lost.
                var ratios = logProbabilities - tape.Constant(old, old.Length, 1);
                var losses = options.Loss.Losses(responses.Difference(ratios, options.Loss.AverageTokens), part);
                var loss = losses.Sum() * (1f / chosen.Count);
                metrics.Add(part, logProbabilities.ToArray(), old, losses.ToArray());
                if (!float.IsFinite(loss.ToScalar()))
                    throw new DivergedException($"The loss of step {step} is {loss.ToScalar()}.");
                tape.Backward(loss);
                tape.Reset();
            }

            if (metrics.ChosenDropPerToken > options.MaxChosenDropPerToken)
            {
                throw new DivergedException(
                    $"The chosen answers of step {step} lost {metrics.ChosenDropPerToken:G3} nats per token against "
                    + $"the reference, more than the bound of {options.MaxChosenDropPerToken}; raise β or lower the "
                    + "learning rate.");
            }

            var rate = options.Schedule.At(step);
            var norm = optimiser.Step(rate);
            if (step % options.ReportEvery == 0 || step == options.Steps)
                progress?.Report(metrics.ToMetrics(step, rate, norm));
            if (step % options.CheckpointEvery == 0 || step == options.Steps)
                Save();
        }

        // Every pair's only once: the reference never moves.
        float[] ReferenceLogProbabilities(TokenPair[] part)
        {
            TokenPair[] missing =
            [
                .. part.Where(p => !known.TryGetValue(p, out _))
                    .Distinct<TokenPair>(ReferenceEqualityComparer.Instance),
            ];
            if (missing.Length > 0)
            {
                var responses = new PairedResponses(missing);
                var tokens = responses.LogProbabilities(forward, model, reference).ToArray();
                forward.Reset();
                model.Adapter = policy;
                foreach (var (pair, values) in missing.Zip(responses.Split(tokens)))
                    known.Add(pair, values);
            }

            return [.. part.SelectMany(pair => known.GetValue(pair, _ => throw new UnreachableException()))];
        }

        void Save() => checkpoint?.Save(state =>
        {
            state.Add("value", policy.Parameters);
            state.Add("optimiser", optimiser);
        });
    }

    /// <summary>A name for settings, start and data, so that a checkpoint of others is refused.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="pairs">What is learned from.</param>
    /// <param name="start">Names the adapters that policy and reference start from, such as an expert's hash.</param>
    public static string Fingerprint(DpoOptions options, IReadOnlyList<TokenPair> pairs, string start = "")
    {
        ArgumentNullException.ThrowIfNull(pairs);
        using var hash = new ContentHash("soups-dpo-1");
        hash.Add(start);
        hash.Add(JsonSerializer.Serialize(options));
        hash.Add(pairs);
        return hash.Finish();
    }

    /// <summary>Steps that a checkpoint of this training holds.</summary>
    public static int StepsTaken(CheckpointReader state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return (int)state.Integer("optimiser.steps");
    }
}
