using System.Globalization;
using SoupsActors.Learning;
using SoupsActors.Learning.Policy;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Training;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Recipe.Stages;

/// <summary>One preference's expert: the base, trained by PPO against the preference's reward model.</summary>
internal static class ExpertStage
{
    /// <summary>What the curves keep: what does not depend on the machine.</summary>
    private static readonly string[] Curve =
    [
        MetricNames.Scores, MetricNames.Gold, MetricNames.KlPerToken, MetricNames.Kl, MetricNames.ResponseLength,
        MetricNames.Entropy, MetricNames.Ratio, MetricNames.PolicyClipFraction, MetricNames.ExplainedVariance,
        MetricNames.ReferencePerplexity, MetricNames.Episodes,
    ];

    public static async Task RunAsync(
        BuildContext build, LearningModel model, Preference preference, CancellationToken cancellation)
    {
        if (build.Folder.HasExpert(preference.Id))
            return;
        var recipe = build.Recipe;
        var stage = $"expert {preference.Id}";
        var report = build.Begin(stage, recipe.PolicySteps);
        using var reward = RewardModel.Load(build.Folder.Reward(preference.Id), model.Transformer, model.BaseHash);
        using var policy = new LoraAdapter(build.Backend, model.Transformer.Config, new LoraOptions
        {
            Rank = recipe.Rank,
            Alpha = recipe.Alpha,
            Targets = recipe.Targets,
            InitSeed = recipe.AdapterSeed,
        });
        using var critic = Critic.From(reward, model.Transformer.Config);
        var source = new RewardModelSource(reward);
        var environment = new PpoEnvironment
        {
            BaseHash = model.BaseHash,
            Prompts = step => Prompts(build, model, stage, step),
            Rollouts = model.Rollouts,
            Reward = source,
            Gold = rollout => build.Judges.Satisfies(preference.Id, rollout.Text) ? 1 : 0,
        };
        var files = new PpoFiles(build.WorkFile(stage), build.Fingerprint(stage));
        var result = await PpoTraining.RunAsync(
            model.Transformer, policy, critic, environment, Options(build, stage), files, report, cancellation: cancellation);

        var curve = MetricLog.Read(files.MetricsPath);
        SaveCurve(build.Folder.Curve(preference.Id), curve);
        var provenance = new ExpertProvenance(
            model.BaseHash,
            recipe.AdapterSeed,
            preference.Id,
            Method: "ppo",
            RewardId: source.Id,
            Details: Details(recipe, reward, result, curve));
        AdapterFolder.Save(
            ExpertContent.Create($"{preference.Id}-{preference.Pole}", policy.ToFactors(), provenance),
            build.Folder.Expert(preference.Id),
            SafetensorsType.F16);
        var seconds = result.GenerationSeconds + result.ScoringSeconds + result.UpdateSeconds;
        build.Costs.Add(stage, TimeSpan.FromSeconds(seconds), result.Steps, result.Episodes);
        Directory.Delete(files.Folder, recursive: true);
    }

    /// <summary>Bare questions about the training topics: the weights alone must carry the preference.</summary>
    private static RolloutPrompt[] Prompts(BuildContext build, LearningModel model, string stage, int step)
    {
        var random = new Random(build.Seed($"{stage} {step.ToString(CultureInfo.InvariantCulture)}"));
        return
        [
            .. Enumerable.Range(0, build.Recipe.PolicyPrompts).Select(_ =>
            {
                var sample = build.Corpus.Sample(CorpusSplit.Expert, Style.Any, withPreferenceSentences: false, random);
                return new RolloutPrompt(sample.Prompt, model.Format.Prompt(sample.Prompt)) { Topic = sample.Topic.Id };
            }),
        ];
    }

    private static PpoOptions Options(BuildContext build, string stage)
    {
        var recipe = build.Recipe;
        return new PpoOptions
        {
            Steps = recipe.PolicySteps,
            MaxTokens = recipe.MaxAnswerTokens,
            Seed = (ulong)build.Seed(stage),
            SamplesPerPrompt = recipe.PolicySamples,
            Epochs = recipe.PolicyEpochs,
            MiniBatch = recipe.PolicyMiniBatch,
            PolicySchedule = new LearningRateSchedule(
                ScheduleKind.Cosine, recipe.PolicyLearningRate, recipe.PolicySteps, warmupSteps: 2, finalFraction: 0.1),
            CriticSchedule = new LearningRateSchedule(ScheduleKind.Constant, recipe.CriticLearningRate, recipe.PolicySteps),
            KlCoefficient = recipe.KlCoefficient,
            MaxKlPerToken = recipe.MaxKlPerToken,
        };
    }

    private static Dictionary<string, string> Details(
        MiniatureRecipe recipe, RewardModel reward, PpoResult result, IReadOnlyList<TrainingMetrics> curve)
    {
        return new Dictionary<string, string>
        {
            ["recipe"] = recipe.Fingerprint(),
            ["steps"] = result.Steps.ToString(CultureInfo.InvariantCulture),
            ["episodes"] = result.Episodes.ToString(CultureInfo.InvariantCulture),
            ["kl_coefficient"] = Number(recipe.KlCoefficient),
            ["kl_per_token"] = Number(curve[^1][MetricNames.KlPerToken]),
            ["gold_first"] = Number(curve[0][MetricNames.Gold]),
            ["gold_last"] = Number(curve[^1][MetricNames.Gold]),
            ["reward_accuracy"] = Number(reward.Card.HeldOutAccuracy ?? double.NaN),
        };

        static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
    }

    private static void SaveCurve(string path, IReadOnlyList<TrainingMetrics> metrics)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var log = MetricLog.Open(path);
        foreach (var step in metrics)
        {
            log.Report(step with
            {
                Values = Curve.Where(step.Values.ContainsKey)
                    .ToDictionary(name => name, name => Math.Round(step.Values[name], 5)),
            });
        }
    }
}
