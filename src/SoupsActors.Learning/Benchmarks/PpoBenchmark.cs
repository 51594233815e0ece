using SoupsActors.Learning.Policy;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Benchmarks;

/// <summary>What a PPO step is measured on.</summary>
public sealed record PpoBenchmarkOptions
{
    /// <summary>Answers of a step.</summary>
    public int Answers { get; init; } = 64;

    /// <summary>Most tokens of an answer.</summary>
    public int MaxTokens { get; init; } = 96;

    /// <summary>Rank of policy, critic and reward model.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>Passes over the answers.</summary>
    public int Epochs { get; init; } = 4;

    /// <summary>Answers of a mini-batch.</summary>
    public int MiniBatch { get; init; } = 16;

    /// <summary>Steps before the measured ones.</summary>
    public int WarmupSteps { get; init; } = 1;

    /// <summary>Steps that are measured, at least 1; the best one counts.</summary>
    public int MeasuredSteps { get; init; } = 3;
}

/// <summary>One step of PPO measured: sampling, scoring and updates.</summary>
/// <param name="Answers">Answers sampled.</param>
/// <param name="GeneratedTokens">Tokens of the answers.</param>
/// <param name="SequenceTokens">Tokens of prompts and answers, which each scoring and each epoch reads.</param>
/// <param name="GenerationSeconds">Sampling from the engine.</param>
/// <param name="ScoringSeconds">Reward model, policy, reference and critic over all answers.</param>
/// <param name="UpdateSeconds">All epochs, policy and critic.</param>
/// <param name="GigaFlops">Operations that the step asks for over its time, in 10⁹ a second.</param>
public sealed record PpoBenchmarkResult(
    int Answers,
    int GeneratedTokens,
    int SequenceTokens,
    double GenerationSeconds,
    double ScoringSeconds,
    double UpdateSeconds,
    double GigaFlops)
{
    /// <summary>The whole step.</summary>
    public double Seconds => GenerationSeconds + ScoringSeconds + UpdateSeconds;

    /// <summary>Generated tokens over the whole step.</summary>
    public double TokensPerSecond => GeneratedTokens / Seconds;

    /// <summary>Part of the time, 0 to 1.</summary>
    public double GenerationShare => GenerationSeconds / Seconds;

    /// <summary>Part of the time, 0 to 1.</summary>
    public double ScoringShare => ScoringSeconds / Seconds;

    /// <summary>Part of the time, 0 to 1.</summary>
    public double UpdateShare => UpdateSeconds / Seconds;
}

/// <summary>Times <see cref="PpoTraining"/> itself, with a reward model that has not been trained.</summary>
public static class PpoBenchmark
{
    /// <summary>Runs the steps and gives the best.</summary>
    /// <param name="model">Base and engine; its adapter is the trained policy afterwards, and disposed.</param>
    /// <param name="prompts">At least one; answer i is to prompt i modulo their number.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="cancellationToken">Ends the run within a mini-batch's time.</param>
    public static async Task<PpoBenchmarkResult> RunAsync(
        LearningModel model,
        IReadOnlyList<RolloutPrompt> prompts,
        PpoBenchmarkOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentOutOfRangeException.ThrowIfZero(prompts.Count, nameof(prompts));
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MeasuredSteps, 1, nameof(options));
        var (backend, config) = (model.Transformer.Backend, model.Transformer.Config);
        var lora = new LoraOptions { Rank = options.Rank, Alpha = options.Rank };
        using var policy = new LoraAdapter(backend, config, lora);
        using var critic = Critic.Create(backend, config, lora);
        using var reward = RewardModel.Create(
            model.Transformer, model.BaseHash, new RewardModelOptions { Lora = lora });
        var recorder = new Recorder(model.Rollouts);
        RolloutPrompt[] asked = [.. Enumerable.Range(0, options.Answers).Select(i => prompts[i % prompts.Count])];
        var environment = new PpoEnvironment
        {
            BaseHash = model.BaseHash,
            Prompts = _ => asked,
            Rollouts = recorder,
            Reward = new RewardModelSource(reward, normalised: false),
        };
        try
        {
            await PpoTraining.RunAsync(
                model.Transformer, policy, critic, environment, Settings(options), progress: recorder,
                cancellation: cancellationToken);
        }
        finally
        {
            model.Transformer.Adapter = null;
        }

        return recorder.Steps.Skip(options.WarmupSteps).Select(s => Result(s, model, options)).MinBy(r => r.Seconds)!;
    }

    /// <summary>No step may end early, and the policy hardly moves.</summary>
    private static PpoOptions Settings(PpoBenchmarkOptions options) => new()
    {
        Steps = options.WarmupSteps + options.MeasuredSteps,
        MaxTokens = options.MaxTokens,
        Epochs = options.Epochs,
        MiniBatch = options.MiniBatch,
        PolicySchedule = new LearningRateSchedule(ScheduleKind.Constant, 1e-6, 1),
        CriticSchedule = new LearningRateSchedule(ScheduleKind.Constant, 1e-6, 1),
        TargetKl = null,
        MaxKlPerToken = null,
    };

    private static PpoBenchmarkResult Result(
        (IReadOnlyList<Rollout> Rollouts, TrainingMetrics Metrics) step, LearningModel model, PpoBenchmarkOptions options)
    {
        int[] lengths = [.. step.Rollouts.Select(r => r.Prompt.Tokens.Length + r.Response.Length - 1)];
        var generated = step.Rollouts.Sum(r => r.Response.Length);
        var (adapted, plain) = (
            new TransformerOperations(model.Transformer.Config, options.Rank),
            new TransformerOperations(model.Transformer.Config, rank: 0));

        // Sampling and scoring by the policy, by the reference, and by critic and reward model.
        var reading = 2 * adapted.Forward(lengths, generated) + plain.Forward(lengths, generated)
            + 2 * adapted.Forward(lengths, 0);
        var updates = adapted.Forward(lengths, generated) + adapted.BackwardToAdapter(lengths, generated)
            + adapted.Forward(lengths, 0) + adapted.BackwardToAdapter(lengths, 0);
        var measured = new PpoBenchmarkResult(
            step.Rollouts.Count,
            generated,
            lengths.Sum(),
            step.Metrics[MetricNames.GenerationSeconds],
            step.Metrics[MetricNames.ScoringSeconds],
            step.Metrics[MetricNames.UpdateSeconds],
            GigaFlops: 0);
        return measured with { GigaFlops = (reading + options.Epochs * updates) / measured.Seconds / 1e9 };
    }

    /// <summary>Keeps what each step sampled and measured.</summary>
    private sealed class Recorder(IRolloutSource inner) : IRolloutSource, IProgress<TrainingMetrics>
    {
        private IReadOnlyList<Rollout> last = [];

        public List<(IReadOnlyList<Rollout> Rollouts, TrainingMetrics Metrics)> Steps { get; } = [];

        public async Task<IReadOnlyList<Rollout>> SampleAsync(
            IReadOnlyList<RolloutPrompt> prompts,
            RolloutPolicy policy,
            RolloutOptions options,
            CancellationToken cancellationToken = default) =>
            last = await inner.SampleAsync(prompts, policy, options, cancellationToken);

        public void Report(TrainingMetrics value) => Steps.Add((last, value));
    }
}
