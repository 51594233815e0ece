using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Supervised;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Policy;

/// <summary>
/// Proximal policy optimisation against a reward (Schulman et al. 2017; Ouyang et al. 2022, section 3.5) with the
/// choices of PPO-max (Zheng et al. 2023, section 5) as switches. Policy, reference and critic are one frozen base: the
/// policy has its adapter on, the reference has none, the critic has its own.
/// </summary>
/// <remarks>
/// A step is a function of the state, the seed and its number. A checkpoint holds the state before a step and is
/// written once that step's answers have shown the state to be good, so a run that was killed or cancelled repeats at
/// most the steps since, and ends with the same weights to the bit. The loop computes on the caller's thread between
/// awaits.
/// </remarks>
public sealed class PpoTraining : IDisposable
{
    private const double EarlyStopFactor = 1.5;

    private readonly TrainableTransformer model;
    private readonly PpoEnvironment environment;
    private readonly PpoOptions options;
    private readonly TimeProvider time;
    private readonly PpoState state;
    private readonly Tape forward;
    private readonly Tape tape;

    private PpoTraining(
        TrainableTransformer model,
        LoraAdapter policy,
        Critic critic,
        PpoEnvironment environment,
        PpoOptions options,
        TimeProvider time)
    {
        this.model = model;
        this.environment = environment;
        this.options = options;
        this.time = time;
        state = new PpoState(model.Backend, policy, critic, options);
        forward = new Tape(model.Backend, recording: false);
        tape = new Tape(model.Backend);
    }

    /// <summary>Trains to the last step, from the newest checkpoint where there is one.</summary>
    /// <param name="model">The frozen base; its adapter is switched and is the policy afterwards.</param>
    /// <param name="policy">What is trained.</param>
    /// <param name="critic">The value function, trained beside it.</param>
    /// <param name="environment">Prompts, answers, rewards and hooks.</param>
    /// <param name="options">Settings.</param>
    /// <param name="files">Where state and metrics are kept, or null for a run that cannot be resumed.</param>
    /// <param name="progress">Told the metrics of every step; names are those of <see cref="MetricNames"/>.</param>
    /// <param name="time">Clock for the seconds measured.</param>
    /// <param name="cancellation">Ends the run within a mini-batch's time; the last checkpoint stays.</param>
    /// <exception cref="ArgumentException">A setting lies outside its range, or the base is not frozen.</exception>
    /// <exception cref="DivergedException">
    /// A bound is exceeded or a number is not finite. Policy and critic have their last good weights again, and so has
    /// the checkpoint.
    /// </exception>
    /// <exception cref="InvalidOperationException">The folder holds the state of a run with other settings.</exception>
    public static async Task<PpoResult> RunAsync(
        TrainableTransformer model,
        LoraAdapter policy,
        Critic critic,
        PpoEnvironment environment,
        PpoOptions options,
        PpoFiles? files = null,
        IProgress<TrainingMetrics>? progress = null,
        TimeProvider? time = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(critic);
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (model.Parameters.Values.Any(p => p.IsTrained))
            throw new ArgumentException("The base must be frozen: it is the reference too.", nameof(model));
        if (options.PretrainingWeight > 0 && environment.Pretraining is null)
        {
            throw new ArgumentException(
                $"{nameof(options.PretrainingWeight)} is {options.PretrainingWeight}, but the environment has no "
                + $"{nameof(environment.Pretraining)} examples.", nameof(environment));
        }

        using var training = new PpoTraining(model, policy, critic, environment, options, time ?? TimeProvider.System);
        try
        {
            return await training.RunAsync(files, progress, cancellation);
        }
        catch (DivergedException)
        {
            training.state.ReturnToGood();
            throw;
        }
        finally
        {
            model.Adapter = policy;
        }
    }

    void IDisposable.Dispose()
    {
        state.Dispose();
        forward.Dispose();
        tape.Dispose();
    }

    private async Task<PpoResult> RunAsync(
        PpoFiles? files, IProgress<TrainingMetrics>? progress, CancellationToken cancellation)
    {
        var checkpoint = files is null ? null : new Checkpoint(files.StatePath, Fingerprint(files));
        checkpoint?.TryRestore(state.Load);
        var saved = state.Step;
        if (files is not null)
            Directory.CreateDirectory(files.Folder);
        using var log = files is null ? null : MetricLog.Open(files.MetricsPath, state.Step);
        var last = files is null ? null : LastOf(MetricLog.Read(files.MetricsPath));
        var end = PpoEnd.Completed;

        while (state.Step < options.Steps && end == PpoEnd.Completed)
        {
            cancellation.ThrowIfCancellationRequested();
            var step = state.Step + 1;

            // The policy answers the prompts, the answers are scored, and some are chosen to learn from.
            var clock = time.GetTimestamp();
            var rollouts = await SampleAsync(step, cancellation);
            var generationSeconds = Lap(ref clock);
            var signals = await ScoreAsync(rollouts, cancellation);
            double[] scores = [.. rollouts.Zip(signals, Score)];
            var episodes = Choose(step, rollouts, signals, scores);
            await EvaluateAsync(episodes, cancellation);
            var scoringSeconds = Lap(ref clock);

            var measured = PpoMonitor.Measure(rollouts, signals, episodes, state.Kl.Coefficient, environment.Gold);
            measured[MetricNames.GenerationSeconds] = generationSeconds;
            measured[MetricNames.ScoringSeconds] = scoringSeconds;
            measured[MetricNames.Episodes] = state.Episodes + rollouts.Count;
            last = new TrainingMetrics(step, measured);
            try
            {
                // The answers are those of the state before this step: now it is known to be good, and worth keeping.
                PpoMonitor.RequireBounded(step, measured, options);
                state.MarkGood();
                end = environment.StopWhen?.Invoke(last) == true ? PpoEnd.Stopped : PpoEnd.Completed;
                if (state.Step > saved && (state.Step % options.CheckpointEvery == 0 || end == PpoEnd.Stopped))
                {
                    checkpoint?.Save(state.Save);
                    saved = state.Step;
                }

                state.Episodes += rollouts.Count;
                state.Tokens += rollouts.Sum(r => (long)r.Response.Length);
                state.GenerationSeconds += generationSeconds;
                state.ScoringSeconds += scoringSeconds;
                if (end == PpoEnd.Stopped)
                    break;

                AssignRewards(episodes, scores);
                AssignAdvantages(episodes);
                measured[MetricNames.ExplainedVariance] = PpoMonitor.ExplainedVariance(episodes);
                var statistics = await UpdateAsync(step, episodes, cancellation);
                foreach (var (name, value) in statistics.Means())
                    measured[name] = value;
                if (statistics.Skipped > options.MaxSkippedShare * statistics.Batches)
                {
                    throw new DivergedException(
                        $"In step {step}, {statistics.Skipped} of {statistics.Batches} mini-batches had a mean ratio "
                        + $"above {options.MaxMeanRatio}; lower the learning rate or the number of epochs.");
                }

                state.Kl.Update(measured[MetricNames.Kl], episodes.Length);
                state.Step = step;
                state.UpdateSeconds += measured[MetricNames.UpdateSeconds] = Lap(ref clock);
            }
            finally
            {
                log?.Report(last);
                progress?.Report(last);
            }
        }

        if (state.Step > saved)
            checkpoint?.Save(state.Save);
        return new PpoResult(
            end,
            state.Step,
            last,
            state.Episodes,
            state.Tokens,
            state.GenerationSeconds,
            state.ScoringSeconds,
            state.UpdateSeconds);
    }

    /// <summary>Answers from the policy as it is now, at temperature 1: what is sampled is what is trained.</summary>
    private async Task<IReadOnlyList<Rollout>> SampleAsync(int step, CancellationToken cancellation)
    {
        var prompts = environment.Prompts(step);
        if (prompts.Count == 0)
            throw new InvalidOperationException($"Step {step} has no prompts.");
        var provenance = new ExpertProvenance(
            environment.BaseHash, state.Policy.Options.InitSeed, Method: "ppo", RewardId: environment.Reward.Id);
        var expert = ExpertContent.Create("policy", state.Policy.ToFactors(), provenance);
        return await environment.Rollouts.SampleAsync(
            [.. prompts.SelectMany(p => Enumerable.Repeat(p, options.SamplesPerPrompt))],
            RolloutPolicy.Of(expert),
            new RolloutOptions { MaxTokens = options.MaxTokens, Seed = Seed(step, 0) },
            cancellation);
    }

    private async Task<IReadOnlyList<RewardSignal>> ScoreAsync(
        IReadOnlyList<Rollout> rollouts, CancellationToken cancellation)
    {
        var signals = await environment.Reward.ScoreAsync(rollouts, cancellation);
        PpoMonitor.RequireValid(environment.Reward, rollouts, signals);
        return signals;
    }

    /// <summary>The answers that are learned from: for each prompt those that the filter keeps.</summary>
    private Episode[] Choose(
        int step, IReadOnlyList<Rollout> rollouts, IReadOnlyList<RewardSignal> signals, double[] scores)
    {
        var chosen = new List<Episode>();
        for (var first = 0; first < rollouts.Count; first += options.SamplesPerPrompt)
        {
            var start = first;
            var kept = environment.Filter.Keep(
                scores[start..(start + options.SamplesPerPrompt)], RolloutSeeds.Of(Seed(step, -1), start));
            chosen.AddRange(kept.Select(i => new Episode(rollouts[start + i], signals[start + i])));
        }

        return [.. chosen];
    }

    /// <summary>
    /// Log-probabilities of policy and reference, and values. The policy's come from the same forward pass that trains,
    /// so that the ratio of the first mini-batch is exactly 1 whatever the serving engine rounds differently.
    /// </summary>
    private async Task EvaluateAsync(Episode[] episodes, CancellationToken cancellation)
    {
        foreach (var chunk in episodes.Chunk(options.MiniBatch))
        {
            await BreatheAsync(cancellation);
            var batch = Episode.Pack(chunk);
            Take(batch.LogProbabilities(batch.Logits(forward, model, state.Policy)), (e, v) => e.LogProbabilities = v);
            Take(batch.LogProbabilities(batch.Logits(forward, model, null)), (e, v) => e.ReferenceLogProbabilities = v);
            Take(state.Critic.Values(forward, model, batch), (e, v) => e.Values = v);

            void Take(Tensor result, Action<Episode, float[]> assign)
            {
                Episode.Split(result.ToArray(), chunk, assign);
                forward.Reset();
            }
        }
    }

    /// <summary>Scaled and clipped scores at the last tokens, and the KL penalty at every token.</summary>
    private void AssignRewards(Episode[] episodes, double[] scores)
    {
        state.Scores.Update(scores);
        foreach (var episode in episodes)
        {
            var penalty = episode.Rollout.Ended ? 0 : options.MissingEndPenalty;
            var (score, factor) = RewardShaping.Scale(
                episode.Signal.Score - penalty, state.Scores, options.ScoreScaling, options.ScoreClip);
            episode.Rewards = RewardShaping.PerToken(
                episode.LogProbabilities,
                episode.ReferenceLogProbabilities,
                state.Kl.Coefficient,
                score,
                episode.Signal.PerToken,
                factor);
        }
    }

    private void AssignAdvantages(Episode[] episodes)
    {
        foreach (var episode in episodes)
        {
            (episode.Advantages, episode.Returns) = GeneralizedAdvantage.Estimate(
                episode.Rewards, episode.Values, options.Discount, options.Lambda);
        }

        float[][] all = [.. episodes.Select(e => e.Advantages)];
        if (options.WhitenAdvantages)
            GeneralizedAdvantage.Whiten(all);
        if (options.AdvantageClip is { } bound)
            GeneralizedAdvantage.Clip(all, bound);
    }

    /// <summary>Several passes over the step's answers in mini-batches, each an update of critic and policy.</summary>
    private async Task<UpdateStatistics> UpdateAsync(
        int step, Episode[] episodes, CancellationToken cancellation)
    {
        var statistics = new UpdateStatistics();
        var number = 0;
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            var seed = Seed(step, 1 + epoch);
            var shuffled = Enumerable.Range(0, episodes.Length)
                .OrderBy(i => RolloutSeeds.Of(seed, i))
                .Select(i => episodes[i]);
            foreach (var chunk in shuffled.Chunk(options.MiniBatch))
            {
                await BreatheAsync(cancellation);
                var batch = Episode.Pack(chunk);
                UpdateCritic(step, batch, chunk, statistics);
                if (step > options.CriticWarmupSteps && !UpdatePolicy(step, number++, batch, chunk, statistics))
                    return statistics;
            }
        }

        return statistics;
    }

    private void UpdateCritic(int step, ResponseBatch batch, Episode[] chunk, UpdateStatistics statistics)
    {
        var old = Episode.Join(chunk, e => e.Values);
        var returns = Episode.Join(chunk, e => e.Returns);
        var values = state.Critic.Values(tape, model, batch);
        var loss = PpoLosses.Value(values, old, returns, options.ValueClip);
        statistics.Add(MetricNames.ValueLoss, RequireFinite(step, "value", loss));
        statistics.AddValueClipping(values.ToArray(), old, returns, options.ValueClip);
        tape.Backward(loss);
        tape.Reset();
        state.CriticOptimiser.Step(options.CriticSchedule.At(step));
    }

    /// <returns>False where the policy is so far from the one that sampled that this step's updates end.</returns>
    private bool UpdatePolicy(
        int step, int number, ResponseBatch batch, Episode[] chunk, UpdateStatistics statistics)
    {
        var old = Episode.Join(chunk, e => e.LogProbabilities);
        var advantages = Episode.Join(chunk, e => e.Advantages);
        var logits = batch.Logits(tape, model, state.Policy);
        var logProbabilities = batch.LogProbabilities(logits);
        var (meanRatio, approximateKl) = statistics.AddRatios(
            logProbabilities.ToArray(), old, advantages, options.PolicyClip);
        if (meanRatio > options.MaxMeanRatio)
        {
            statistics.Skipped++;
            tape.Reset();
            return true;
        }

        if (approximateKl > EarlyStopFactor * options.TargetKl)
        {
            tape.Reset();
            return false;
        }

        var ratio = (logProbabilities - tape.Constant(old, old.Length, 1)).Exp();
        var loss = PpoLosses.Policy(ratio, advantages, options.PolicyClip);
        statistics.Add(MetricNames.PolicyLoss, RequireFinite(step, "policy", loss));
        if (options.EntropyWeight > 0)
        {
            var entropy = PpoLosses.Entropy(logits);
            var term = options.EntropyTarget is { } target ? (entropy - (float)target).Abs() : -entropy;
            loss += term * (float)options.EntropyWeight;
        }

        tape.Backward(loss);
        tape.Reset();
        if (options.PretrainingWeight > 0)
            AddPretrainingGradient(step, number);
        var learningRate = options.PolicySchedule.At(step);
        statistics.Add(MetricNames.GradientNorm, state.PolicyOptimiser.Step(learningRate));
        statistics.Add(MetricNames.LearningRate, learningRate);
        statistics.Updates++;
        return true;
    }

    /// <summary>The ptx term: likelihood of supervised examples, so that the policy does not forget them.</summary>
    private void AddPretrainingGradient(int step, int number)
    {
        var batch = TrainingBatch.Pack(environment.Pretraining!(step, number));
        if (batch.TargetCount == 0)
            throw new InvalidOperationException($"The pretraining examples of step {step} contain nothing to learn.");
        model.Adapter = state.Policy;
        var loss = model.Logits(tape, batch.Sequences).CrossEntropy(batch.Targets).Sum() * (1f / batch.TargetCount);
        RequireFinite(step, "pretraining", loss);
        tape.Backward(loss, (float)options.PretrainingWeight);
        tape.Reset();
    }

    /// <summary>All that an answer earned, before scaling.</summary>
    private double Score(Rollout rollout, RewardSignal signal) =>
        RewardShaping.Total(signal) - (rollout.Ended ? 0 : options.MissingEndPenalty);

    private async ValueTask BreatheAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (environment.BetweenBatches is { } hook)
            await hook(cancellation);
    }

    private double Lap(ref long clock)
    {
        var start = clock;
        clock = time.GetTimestamp();
        return time.GetElapsedTime(start, clock).TotalSeconds;
    }

    /// <summary>A seed of one part of a step: −1 the filter, 0 the answers, from 1 the order of each epoch.</summary>
    private ulong Seed(int step, int part) => RolloutSeeds.Of(RolloutSeeds.Of(options.Seed, step), part);

    private string Fingerprint(PpoFiles files) =>
        $"ppo/{files.Fingerprint}/{environment.Reward.Id}/{environment.Filter.Id}/{options.Fingerprint()}";

    private static TrainingMetrics? LastOf(IReadOnlyList<TrainingMetrics> metrics) =>
        metrics is [.., var last] ? last : null;

    private static double RequireFinite(int step, string name, Tensor loss)
    {
        var value = loss.ToScalar();
        return float.IsFinite(value)
            ? value
            : throw new DivergedException($"The {name} loss of step {step} is {value}.");
    }
}
