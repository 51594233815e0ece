using SoupsActors.Learning.Judging;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Experiments.Answers;
using SoupsActors.Miniature.Experiments.Trainings;
using SoupsActors.Miniature.Judges;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;

namespace SoupsActors.Miniature.Experiments.Scaling;

/// <summary>
/// The scaling study of Personalized Soups (Jang et al. 2023, section 4): two preferences come to six. Two experts are
/// trained and nothing else changes; all sixteen combinations are served. Prompted-MORL has to be trained again.
/// </summary>
/// <param name="quick">Settings of the short form, or null for the usual ones.</param>
/// <param name="full">Settings of the full form, or null for the usual ones.</param>
public sealed class ScalingExperiment(ScalingOptions? quick = null, ScalingOptions? full = null) : IExperiment
{
    private const string MorlStage = "train-morl";

    private static readonly IReadOnlyList<IReadOnlyList<Preference>> Sixteen = [.. Preferences.AllCombinations];

    /// <inheritdoc/>
    public string Name => "scaling";

    /// <inheritdoc/>
    public string Description =>
        "Two new preferences: two trainings, nothing else changes, 16 combinations served; Prompted-MORL beside it.";

    /// <inheritdoc/>
    public string Measured =>
        "P3C and P3D are trained here against the package's reward models, beside its six other experts. Hashes are "
        + "taken from the files before and after. All 16 combinations are answered on held-out topics at temperature "
        + "1 and judged by programmatic criteria, and so are those of a Prompted-MORL policy trained here.";

    /// <inheritdoc/>
    public string NotClaimed =>
        "Nothing about human or large-model judges follows, nor about models of useful size. The reward models of the "
        + "new preferences come with the package, so their training is counted but not repeated.";

    /// <inheritdoc/>
    public object Settings(bool quick) => OptionsFor(quick);

    /// <inheritdoc/>
    public async Task<ExperimentReport> RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        var options = OptionsFor(context.Quick);
        var model = context.Model;
        string[] old =
        [
            .. Preferences.Combinations.SelectMany(c => c).Select(p => p.Id).Distinct().Order(StringComparer.Ordinal)
        ];
        string[] added = [.. Preferences.All.Select(p => p.Id).Except(old)];
        var before = await context.StageAsync("hashes-before", () => Hashes(context, old));
        var experts = old.ToDictionary(id => id, id => model.LoadExpert(context.Miniature.Expert(id)));
        var questions = HeldOutQuestions.Take(CorpusGenerator.Default, options.Questions);

        var early = await AnswerSheets.CollectAsync(
            context,
            [Soup("soup before", experts, options.Weight)],
            Preferences.Combinations,
            questions,
            options.MaxTokens,
            cancellationToken);

        using var rewards = PreferenceRewards.Load(context, [.. old, .. added]);
        var like = experts[old[0]];
        foreach (var id in added)
        {
            var stage = $"train-{id}";
            var environment = TrainingPrompts.Bare(context, stage, rewards.Sources[id], options.Expert);
            var run = new PolicyRun(stage, environment, options.Expert)
            {
                Preference = id,
                CriticStart = rewards.Model(id),
            };
            experts[id] = await run.TrainAsync(context, like, cancellationToken);
        }

        var after = await context.StageAsync("hashes-after", () => Hashes(context, old));
        var together = TrainingPrompts.Stating(context, MorlStage, Sixteen, rewards.Sources, options.Morl);
        var morl = await new PolicyRun(MorlStage, together, options.Morl).TrainAsync(context, like, cancellationToken);

        ComparedMethod[] methods =
        [
            new("base", "The base, asked the bare question.", _ => RolloutPolicy.Base) { IsTheSameForAll = true },
            Soup("soup", experts, options.Weight),
            new("P-MORL", "One policy on all 16 combinations; the prompt states them.", _ => RolloutPolicy.Of(morl))
            {
                StatesPreferences = true,
            },
        ];
        var sheets = await AnswerSheets.CollectAsync(
            context, methods, Preferences.AllCombinations, questions, options.MaxTokens, cancellationToken);
        var tables = new List<PairwiseTable>();
        for (var c = 0; c < Sixteen.Count; c++)
        {
            tables.Add(await PairwiseTable.JudgeAsync(
                RuleJudge.Default,
                RuleJudge.Criteria(Sixteen[c]),
                [.. questions.Select(q => q.Text)],
                [.. sheets.Methods.Select(m => new MethodAnswers(m, sheets.Texts(m, c)))],
                parallelism: 1,
                cancellationToken));
        }

        return new ScalingReport(context, options, before, after, experts, added, sheets, early, tables).Write();
    }

    private ScalingOptions OptionsFor(bool isQuick) =>
        isQuick ? quick ?? ScalingOptions.Quick : full ?? ScalingOptions.Full;

    /// <summary>Hashes of base and experts, read from their files.</summary>
    private static SortedDictionary<string, string> Hashes(ExperimentContext context, IEnumerable<string> preferences)
    {
        using var weights = ModelWeights.Load(context.Miniature.Base);
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["base"] = weights.BaseHash };
        foreach (var id in preferences)
            hashes[id] = AdapterFolder.Load(context.Miniature.Expert(id), weights.Config, weights.BaseHash).Expert.Hash;
        return hashes;
    }

    private static ComparedMethod Soup(string name, Dictionary<string, Expert> experts, float weight) => new(
        name,
        "The three experts merged, product, asked the bare question.",
        combination => RolloutPolicy.Of(MergeMode.Product, combination.Select(p => (experts[p.Id], weight))));
}
