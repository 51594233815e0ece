using SoupsActors.Learning.Policy;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Experiments.Overoptimisation;

/// <summary>PPO against one objective.</summary>
/// <param name="Objective">Name of the objective.</param>
/// <param name="KlCoefficient">β.</param>
/// <param name="Steps">What each step measured.</param>
internal sealed record PolicyCurve(string Objective, double KlCoefficient, IReadOnlyList<PolicyPoint> Steps)
{
    /// <summary>Steps that count as the end of a run, so that one step's chance does not decide.</summary>
    private const int End = 5;

    public double FinalGold => Steps.TakeLast(End).Average(s => s.Gold);

    public double FinalProxy => Steps.TakeLast(End).Average(s => s.Proxy);

    public double FinalKl => Steps.TakeLast(End).Average(s => s.Kl);

    /// <summary>The best mean of neighbouring steps, as many as count for the end.</summary>
    public double PeakGold => Enumerable.Range(0, Math.Max(1, Steps.Count - End + 1))
        .Max(first => Steps.Skip(first).Take(End).Average(s => s.Gold));

    public static async Task<PolicyCurve> TrainAsync(
        ExperimentContext context,
        OveroptimisationSettings settings,
        string objective,
        IRewardSource reward,
        RewardModel critic,
        GoldScore gold,
        double klCoefficient,
        string stage,
        CancellationToken cancellationToken)
    {
        var model = context.Model;
        var lora = new LoraOptions { Rank = 8, Alpha = 16, InitSeed = context.Seed };
        using var policy = new LoraAdapter(context.Backend, model.Transformer.Config, lora);
        using var values = Critic.From(
            context.Backend, model.Transformer.Config, critic.Adapter.Options, critic.Adapter.ToFactors(), critic.HeadWeights);
        var schedule = new LearningRateSchedule(ScheduleKind.Constant, settings.PolicyRate, settings.PolicySteps);
        var options = new PpoOptions
        {
            Steps = settings.PolicySteps,
            MaxTokens = settings.MaxTokens,
            Seed = (ulong)context.Seed,
            Epochs = settings.PolicyEpochs,
            PolicySchedule = schedule,
            CriticSchedule = schedule,
            KlCoefficient = klCoefficient,
            // What is studied is how far a policy goes, so nothing but β holds it.
            MaxKlPerToken = null,
            CheckpointEvery = 5,
        };
        var environment = new PpoEnvironment
        {
            BaseHash = model.BaseHash,
            Prompts = step => MiniaturePrompts.Training(model.Format, settings.PolicyBatch, unchecked(context.Seed * 100_003 + step)),
            Rollouts = model.Rollouts,
            Reward = reward,
            Gold = gold.Of,
        };
        var files = new PpoFiles(Path.Combine(context.Work, "policies", stage), stage);
        await PpoTraining.RunAsync(
            model.Transformer,
            policy,
            values,
            environment,
            options,
            files,
            new Told(context, stage, settings.PolicySteps),
            cancellation: cancellationToken);
        var points = MetricLog.Read(files.MetricsPath).Select(m => new PolicyPoint(
            m.Step, m[MetricNames.Kl], m[MetricNames.Scores], m[MetricNames.Gold], m[MetricNames.ResponseLength]));
        return new PolicyCurve(objective, klCoefficient, [.. points]);
    }

    private sealed class Told(ExperimentContext context, string stage, int steps) : IProgress<TrainingMetrics>
    {
        public void Report(TrainingMetrics value) => context.Report(
            stage, value.Step, steps, $"reward {value[MetricNames.Scores]:F2}, gold {value[MetricNames.Gold]:F2}");
    }
}

/// <summary>A step of PPO.</summary>
/// <param name="Step">The step.</param>
/// <param name="Kl">KL from the base per answer, in nats.</param>
/// <param name="Proxy">Mean reward.</param>
/// <param name="Gold">Mean gold score, in standard deviations of the base.</param>
/// <param name="Length">Mean length of answers in tokens.</param>
internal sealed record PolicyPoint(int Step, double Kl, double Proxy, double Gold, double Length);
