using SoupsActors.Learning.Policy;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Training;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>Trains experts by PPO on the training topics, all with the same prompts, draws and settings.</summary>
internal sealed class RewardedTraining(ExperimentContext context, RewardedSettings settings)
{
    /// <summary>Trains one expert, or reads it back.</summary>
    /// <param name="name">Its stage.</param>
    /// <param name="reward">What it is trained for.</param>
    /// <param name="initSeed">Seed of its A.</param>
    /// <param name="cancellationToken">Stops the training; it goes on from its checkpoint.</param>
    public Task<Expert> RunAsync(
        string name, IRewardSource reward, long initSeed, CancellationToken cancellationToken) =>
        context.ExpertAsync(name, async checkpoint =>
        {
            var model = context.Model;
            var lora = new LoraOptions { Rank = settings.Rank, Alpha = settings.Alpha, InitSeed = initSeed };
            using var policy = new LoraAdapter(context.Backend, model.Transformer.Config, lora);
            using var critic = Critic.Create(
                context.Backend, model.Transformer.Config, lora with { Alpha = settings.CriticAlpha });
            await PpoTraining.RunAsync(
                model.Transformer,
                policy,
                critic,
                new PpoEnvironment
                {
                    BaseHash = model.BaseHash,
                    Prompts = Prompts,
                    Rollouts = model.Rollouts,
                    Reward = reward,
                },
                Options(),
                new PpoFiles(Path.GetDirectoryName(checkpoint.Path)!, name),
                new Steps(context, name, settings.Steps),
                cancellation: cancellationToken);
            var provenance = new ExpertProvenance(
                model.BaseHash, initSeed, Method: "ppo", RewardId: reward.Id);
            return ExpertContent.Create(name, policy.ToFactors(), provenance);
        });

    /// <summary>Mean score of each step's answers, as far as the log of a training is still there.</summary>
    public IReadOnlyList<TrainingMetrics> Curve(string name) =>
        MetricLog.Read(new PpoFiles(Path.GetDirectoryName(context.Checkpoint(name).Path)!, name).MetricsPath);

    private PpoOptions Options() => new()
    {
        Steps = settings.Steps,
        MaxTokens = settings.MaxTokens,
        Seed = (ulong)context.Seed,
        Epochs = settings.Epochs,
        MiniBatch = settings.MiniBatch,
        PolicySchedule = new LearningRateSchedule(
            ScheduleKind.Cosine, settings.LearningRate, settings.Steps, finalFraction: 0.1),
        CriticSchedule = new LearningRateSchedule(ScheduleKind.Constant, settings.CriticLearningRate, settings.Steps),
        // Rewards come in standard deviations already. A running scale would change with the policy, and with it how
        // much a mixture of rewards counts against the KL penalty.
        ScoreScaling = ScoreScaling.None,
        KlCoefficient = settings.KlCoefficient,
        CheckpointEvery = 5,
    };

    /// <summary>Questions on training topics, a function of seed and step.</summary>
    private IReadOnlyList<RolloutPrompt> Prompts(int step)
    {
        var random = new Random(unchecked(context.Seed * 1_000_003 + step));
        var topics = CorpusGenerator.Default.Topics.Training;
        return
        [
            .. Enumerable.Range(0, settings.PromptsPerStep).Select(_ =>
            {
                var topic = topics[random.Next(topics.Count)];
                var forms = QuestionForm.All.Where(f => f.Fits(topic)).ToArray();
                return HeldOutAnswers.Prompt(context.Model.Format, topic, forms[random.Next(forms.Length)]);
            }),
        ];
    }

    private sealed class Steps(ExperimentContext context, string stage, int steps) : IProgress<TrainingMetrics>
    {
        public void Report(TrainingMetrics value) => context.Report(
            stage, value.Step, steps, $"reward {value[MetricNames.Scores]:F2}, KL {value[MetricNames.Kl]:F2}");
    }
}
