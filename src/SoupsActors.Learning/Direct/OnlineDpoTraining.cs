using System.Text.Json;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Policy;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Training;
using SoupsActors.Serving;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Direct;

/// <summary>
/// Online iterative DPO (RLHF Workflow, Dong et al. 2024, algorithm 1): in each iteration the policy answers every
/// prompt K times, a reward scores the answers, the best and the worst make a pair, and the policy learns from the
/// pairs with <see cref="DpoTraining"/>. So it learns from its own answers, which offline comparisons soon stop to
/// resemble.
/// </summary>
/// <remarks>
/// An iteration is a function of the policy it starts from, the seed and its number. A run that was stopped samples the
/// answers of its unfinished iteration again, goes on with the update where that was, and ends with the same weights to
/// the bit. An iteration whose answers all score alike has nothing to teach and is passed over.
/// </remarks>
public sealed class OnlineDpoTraining : IDisposable
{
    private readonly TrainableTransformer model;
    private readonly LoraAdapter policy;
    private readonly LoraAdapter? initial;
    private readonly OnlineDpoEnvironment environment;
    private readonly OnlineDpoOptions options;
    private readonly TimeProvider time;
    private readonly Tape forward;
    private OnlineDpoResult done = new(0, 0, 0, 0, 0, 0, 0, 0);

    private OnlineDpoTraining(
        TrainableTransformer model,
        LoraAdapter policy,
        LoraAdapter? initial,
        OnlineDpoEnvironment environment,
        OnlineDpoOptions options,
        TimeProvider time)
    {
        this.model = model;
        this.policy = policy;
        this.initial = initial;
        this.environment = environment;
        this.options = options;
        this.time = time;
        forward = new Tape(model.Backend, recording: false);
    }

    /// <summary>Trains to the last iteration, from where a stopped run was.</summary>
    /// <param name="model">
    /// The frozen base; its adapter is switched during the run and is the policy afterwards.
    /// </param>
    /// <param name="policy">What is trained.</param>
    /// <param name="environment">Prompts, answers, rewards and hooks.</param>
    /// <param name="options">Settings.</param>
    /// <param name="initial">
    /// π_0's adapter where the policy goes on from one, or null where it starts as the base.
    /// </param>
    /// <param name="files">Where state and metrics are kept, or null for a run that cannot be resumed.</param>
    /// <param name="progress">
    /// Told the metrics of every step, numbered through all iterations; the first of each also says how the answers
    /// were.
    /// </param>
    /// <param name="time">Clock for the seconds measured.</param>
    /// <param name="cancellation">Ends the run within a batch's time; its state stays.</param>
    /// <exception cref="ArgumentException">A setting lies outside its range, or the base is not frozen.</exception>
    /// <exception cref="DivergedException">
    /// A bound is exceeded or a number is not finite. The policy has the last weights that were within the bounds
    /// again.
    /// </exception>
    /// <exception cref="InvalidOperationException">The folder holds the state of a run with other settings.</exception>
    public static async Task<OnlineDpoResult> RunAsync(
        TrainableTransformer model,
        LoraAdapter policy,
        OnlineDpoEnvironment environment,
        OnlineDpoOptions options,
        LoraAdapter? initial = null,
        OnlineDpoFiles? files = null,
        IProgress<TrainingMetrics>? progress = null,
        TimeProvider? time = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        using var training = new OnlineDpoTraining(
            model, policy, initial, environment, options, time ?? TimeProvider.System);
        try
        {
            return await training.RunAsync(files, progress, cancellation);
        }
        finally
        {
            model.Adapter = policy;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => forward.Dispose();

    private async Task<OnlineDpoResult> RunAsync(
        OnlineDpoFiles? files, IProgress<TrainingMetrics>? progress, CancellationToken cancellation)
    {
        var checkpoint = files is null ? null : new Checkpoint(files.StatePath, Fingerprint(files));
        checkpoint?.TryRestore(Load);
        if (files is not null)
            Directory.CreateDirectory(files.Folder);
        float[][] good = [.. policy.Parameters.Select(p => p.ToArray())];

        while (done.Iterations < options.Iterations)
        {
            try
            {
                // The policy answers each prompt K times, and the answers are scored.
                var iteration = done.Iterations + 1;
                var clock = time.GetTimestamp();
                var rollouts = await SampleAsync(iteration, cancellation);
                var generation = Lap(ref clock);
                var scores = await ScoreAsync(rollouts, cancellation);
                var kl = await DivergenceAsync(rollouts, cancellation);
                var scoring = Lap(ref clock);

                // These are answers of the weights that the last iteration left: now they are known to be good.
                RequireBounded(iteration, kl.PerToken);
                good = [.. policy.Parameters.Select(p => p.ToArray())];
                if (done.Iterations > 0)
                {
                    checkpoint?.Save(Save);
                    Forget(files, done.Iterations);
                }

                // Of each prompt's answers two make a pair, and the policy learns from all pairs.
                var pairs = Pairs(iteration, rollouts, scores);
                var measured = Measure(rollouts, scores, kl, pairs.Count);
                measured[MetricNames.GenerationSeconds] = generation;
                measured[MetricNames.ScoringSeconds] = scoring;
                var steps = pairs.Count == 0
                    ? 0
                    : await UpdateAsync(iteration, pairs, measured, files, progress, cancellation);
                done = new OnlineDpoResult(
                    iteration,
                    done.Steps + steps,
                    done.Pairs + pairs.Count,
                    done.Episodes + rollouts.Count,
                    done.Tokens + rollouts.Sum(r => (long)r.Response.Length),
                    done.GenerationSeconds + generation,
                    done.ScoringSeconds + scoring,
                    done.UpdateSeconds + Lap(ref clock));
            }
            catch (DivergedException)
            {
                foreach (var (parameter, values) in policy.Parameters.Zip(good))
                    parameter.Load(values);
                throw;
            }
        }

        checkpoint?.Save(Save);
        Forget(files, done.Iterations);
        return done;
    }

    private async Task<IReadOnlyList<Rollout>> SampleAsync(int iteration, CancellationToken cancellation)
    {
        var prompts = environment.Prompts(iteration);
        if (prompts.Count == 0)
            throw new InvalidOperationException($"Iteration {iteration} has no prompts.");
        var provenance = new ExpertProvenance(
            environment.BaseHash, policy.Options.InitSeed, Method: "online-dpo", RewardId: environment.Reward.Id);
        return await environment.Rollouts.SampleAsync(
            [.. prompts.SelectMany(p => Enumerable.Repeat(p, options.SamplesPerPrompt))],
            RolloutPolicy.Of(ExpertContent.Create("policy", policy.ToFactors(), provenance)),
            new RolloutOptions
            {
                MaxTokens = options.MaxTokens,
                Seed = RolloutSeeds.Of(options.Seed, iteration),
                Sampling = new SamplingOptions { Temperature = (float)options.Temperature },
            },
            cancellation);
    }

    private async Task<double[]> ScoreAsync(IReadOnlyList<Rollout> rollouts, CancellationToken cancellation)
    {
        var signals = await environment.Reward.ScoreAsync(rollouts, cancellation);
        double[] scores = [.. signals.Select(s => s.Score + (s.PerToken?.Sum(t => (double)t) ?? 0))];
        if (scores.Length != rollouts.Count)
        {
            throw new InvalidOperationException(
                $"Reward {environment.Reward.Id} returned {scores.Length} scores for {rollouts.Count} answers.");
        }

        foreach (var score in scores)
        {
            if (!double.IsFinite(score))
                throw new DivergedException($"Reward {environment.Reward.Id} scored an answer {score}.");
        }

        return scores;
    }

    /// <summary>Σ (log π − log π_0) of the answers: the one-sample estimate of the KL divergence, in nats.</summary>
    private async Task<(double PerAnswer, double PerToken)> DivergenceAsync(
        IReadOnlyList<Rollout> rollouts, CancellationToken cancellation)
    {
        double sum = 0, tokens = 0;
        var size = 2 * (options.MicroBatchPairs > 0 ? options.MicroBatchPairs : options.BatchPairs);
        foreach (var chunk in rollouts.Chunk(size))
        {
            if (environment.BetweenBatches is { } hook)
                await hook(cancellation);
            var batch = ResponseBatch.Pack([.. chunk.Select(r => (r.Prompt.Tokens, r.Response))]);
            sum += LogProbability(policy) - LogProbability(initial);
            tokens += batch.Rows.Length;

            double LogProbability(LoraAdapter? adapter)
            {
                var values = batch.LogProbabilities(batch.Logits(forward, model, adapter)).ToArray();
                forward.Reset();
                return values.Sum(v => (double)v);
            }
        }

        return (sum / rollouts.Count, sum / tokens);
    }

    /// <summary>For each prompt the two answers that the rule selects, where they differ.</summary>
    private List<TokenPair> Pairs(int iteration, IReadOnlyList<Rollout> rollouts, double[] scores)
    {
        var pairs = new List<TokenPair>();
        var k = options.SamplesPerPrompt;
        for (var first = 0; first < rollouts.Count; first += k)
        {
            var answers = rollouts.Skip(first).Take(k).ToArray();
            var selected = PairSelector.Select(
                scores[first..(first + k)],
                [.. answers.Select(a => a.Response.Length)],
                options.Selection,
                options.LengthPenalty,
                RolloutSeeds.Of(RolloutSeeds.Of(options.Seed, -iteration), first));
            if (selected is not { } pair)
                continue;
            var (chosen, rejected) = (answers[pair.Chosen].Response, answers[pair.Rejected].Response);
            if (chosen.SequenceEqual(rejected))
                continue;
            pairs.Add(new TokenPair(answers[0].Prompt.Tokens, chosen, rejected)
            {
                Margin = (float)(scores[first + pair.Chosen] - scores[first + pair.Rejected]),
            });
        }

        return pairs;
    }

    /// <returns>Steps taken.</returns>
    private async Task<int> UpdateAsync(
        int iteration,
        List<TokenPair> pairs,
        Dictionary<string, double> measured,
        OnlineDpoFiles? files,
        IProgress<TrainingMetrics>? progress,
        CancellationToken cancellation)
    {
        // Copied before the checkpoint moves the policy: on resuming, it is at the iteration's start now.
        using var start = options.Reference == OnlineReference.IterationStart
            ? LoraAdapter.From(model.Backend, model.Config, policy.ToFactors(), policy.Options.InitSeed)
            : null;
        var update = options.Update(pairs.Count, iteration);
        var checkpoint = files is null
            ? null
            : new Checkpoint(files.UpdatePath(iteration), $"{Fingerprint(files)}/{iteration}");
        var taken = 0;
        checkpoint?.TryRestore(state => taken = DpoTraining.StepsTaken(state));
        using var log = files is null ? null : MetricLog.Open(files.MetricsPath, done.Steps + taken);
        await DpoTraining.RunAsync(
            model,
            policy,
            pairs,
            update,
            start ?? initial,
            checkpoint,
            new IterationReport(done.Steps, taken == 0 ? measured : [], [log, progress]),
            environment.BetweenBatches,
            cancellation);
        return update.Steps;
    }

    private Dictionary<string, double> Measure(
        IReadOnlyList<Rollout> rollouts, double[] scores, (double PerAnswer, double PerToken) kl, int pairs)
    {
        var mean = scores.Average();
        var measured = new Dictionary<string, double>
        {
            [MetricNames.Kl] = kl.PerAnswer,
            [MetricNames.KlPerToken] = kl.PerToken,
            [MetricNames.Scores] = mean,
            [MetricNames.ScoresStandardDeviation] = Math.Sqrt(scores.Average(s => (s - mean) * (s - mean))),
            [MetricNames.ResponseLength] = rollouts.Average(r => r.Response.Length),
            [MetricNames.EndedAnswers] = rollouts.Count(r => r.Ended),
            [MetricNames.Episodes] = done.Episodes + rollouts.Count,
            [MetricNames.Pairs] = pairs,
        };
        if (environment.Gold is { } gold)
            measured[MetricNames.Gold] = rollouts.Average(gold);
        return measured;
    }

    private void RequireBounded(int iteration, double klPerToken)
    {
        if (!double.IsFinite(klPerToken))
            throw new DivergedException($"The KL divergence at iteration {iteration} is {klPerToken}.");
        if (klPerToken > options.MaxKlPerToken)
        {
            throw new DivergedException(
                $"The KL divergence from the first policy at iteration {iteration} is {klPerToken:G3} nats per token, "
                + $"more than the bound of {options.MaxKlPerToken}; raise β or lower the learning rate.");
        }
    }

    private double Lap(ref long clock)
    {
        var start = clock;
        clock = time.GetTimestamp();
        return time.GetElapsedTime(start, clock).TotalSeconds;
    }

    private string Fingerprint(OnlineDpoFiles files)
    {
        using var hash = new ContentHash("soups-online-dpo-1");
        hash.Add(files.Fingerprint);
        hash.Add(environment.Reward.Id);
        hash.Add(JsonSerializer.Serialize(options));
        return hash.Finish();
    }

    private void Save(CheckpointWriter state)
    {
        state.Add("policy", policy.Parameters);
        state.Add("done", JsonSerializer.Serialize(done));
    }

    private void Load(CheckpointReader state)
    {
        state.Load("policy", policy.Parameters);
        done = JsonSerializer.Deserialize<OnlineDpoResult>(state.Text("done"))!;
    }

    /// <summary>Removes the state within an iteration once the state after it is kept.</summary>
    private static void Forget(OnlineDpoFiles? files, int iteration)
    {
        if (files is not null)
            File.Delete(files.UpdatePath(iteration));
    }

    /// <summary>
    /// Numbers steps through all iterations, and adds to an iteration's first what its answers showed.
    /// </summary>
    private sealed class IterationReport(
        int offset, Dictionary<string, double> first, IProgress<TrainingMetrics>?[] readers)
        : IProgress<TrainingMetrics>
    {
        public void Report(TrainingMetrics value)
        {
            var values = new Dictionary<string, double>([.. first, .. value.Values]);
            var all = new TrainingMetrics(offset + value.Step, values);
            first.Clear();
            foreach (var reader in readers)
                reader?.Report(all);
        }
    }
}
