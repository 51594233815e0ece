using System.Globalization;
using SoupsActors.Learning.Policy;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Experiments.Trainings;

/// <summary>One policy that an experiment trains by PPO.</summary>
/// <param name="Stage">Name of the stage, and of the expert.</param>
/// <param name="Environment">Prompts, answers and rewards.</param>
/// <param name="Options">Settings.</param>
internal sealed record PolicyRun(string Stage, PpoEnvironment Environment, PolicyTrainingOptions Options)
{
    /// <summary>The preference it is trained for, where it is one.</summary>
    public string? Preference { get; init; }

    /// <summary>A reward model for the critic to start from, or null for one that knows nothing yet.</summary>
    public RewardModel? CriticStart { get; init; }

    /// <summary>
    /// Seed of A where it shall not be that of the expert whose shape the policy gets; null for the same.
    /// </summary>
    public long? InitSeed { get; init; }

    /// <summary>Trains, or goes on with, the policy as a stage of an experiment.</summary>
    /// <param name="context">The run.</param>
    /// <param name="like">An expert of the package: the policy gets its rank, α and targets, and its seed of A.</param>
    /// <param name="cancellationToken">Stops; the last checkpoint is kept.</param>
    public Task<Expert> TrainAsync(ExperimentContext context, Expert like, CancellationToken cancellationToken) =>
        context.ExpertAsync(Stage, async _ =>
        {
            var model = context.Model;
            var shape = LoraShape.Of(like);
            shape = shape with { InitSeed = InitSeed ?? shape.InitSeed };
            using var policy = new LoraAdapter(context.Backend, model.Transformer.Config, shape);
            using var critic = CriticStart is null
                ? Critic.Create(context.Backend, model.Transformer.Config, shape)
                : Critic.From(CriticStart, model.Transformer.Config);
            var result = await PpoTraining.RunAsync(
                model.Transformer,
                policy,
                critic,
                Environment,
                Settings(context),
                Files(context),
                new Watch(context, this),
                cancellation: cancellationToken);
            return ExpertContent.Create(Stage, policy.ToFactors(), new ExpertProvenance(
                model.BaseHash,
                shape.InitSeed,
                Preference,
                Method: "ppo",
                RewardId: Environment.Reward.Id,
                Details: new Dictionary<string, string>
                {
                    ["steps"] = result.Steps.ToString(CultureInfo.InvariantCulture),
                    ["episodes"] = result.Episodes.ToString(CultureInfo.InvariantCulture),
                }));
        });

    /// <summary>The curves of a stage's training, also of an earlier run.</summary>
    public IReadOnlyList<TrainingMetrics> Curve(ExperimentContext context) =>
        MetricLog.Read(Files(context).MetricsPath);

    private PpoFiles Files(ExperimentContext context) => new(
        Path.GetDirectoryName(context.Checkpoint(Stage).Path)!, $"{context.Fingerprint}/{Stage}");

    private PpoOptions Settings(ExperimentContext context) => new()
    {
        Steps = Options.Steps,
        MaxTokens = Options.MaxTokens,
        Seed = context.SeedOf(Stage),
        SamplesPerPrompt = Options.Samples,
        Epochs = Options.Epochs,
        MiniBatch = Options.MiniBatch,
        PolicySchedule = new LearningRateSchedule(
            ScheduleKind.Cosine,
            Options.LearningRate,
            Options.Steps,
            warmupSteps: Math.Min(2, Options.Steps - 1),
            finalFraction: 0.1),
        CriticSchedule = new LearningRateSchedule(ScheduleKind.Constant, Options.CriticLearningRate, Options.Steps),
        KlCoefficient = Options.KlCoefficient,
        MaxKlPerToken = Options.MaxKlPerToken,
        CheckpointEvery = 5,
    };

    private sealed class Watch(ExperimentContext context, PolicyRun run) : IProgress<TrainingMetrics>
    {
        public void Report(TrainingMetrics value) => context.Report(
            run.Stage,
            value.Step,
            run.Options.Steps,
            string.Create(
                CultureInfo.InvariantCulture,
                $"reward {value[MetricNames.Scores]:F2}, KL a token {value[MetricNames.KlPerToken]:F3}"));
    }
}
