using SoupsActors.Learning.Judging;
using SoupsActors.Learning.Rewards;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Experiments.Answers;
using SoupsActors.Miniature.Experiments.Trainings;
using SoupsActors.Miniature.Judges;

namespace SoupsActors.Miniature.Experiments.PersonalizedSoups;

/// <summary>
/// Personalized Soups (Jang et al. 2023, arXiv 2310.11564, section 4) in miniature: six experts, eight combinations of
/// preferences, and every method of the paper against every other.
/// </summary>
/// <param name="quick">Settings of the short form, or null for the usual ones.</param>
/// <param name="full">Settings of the full form, or null for the usual ones.</param>
public sealed class PersonalizedSoupsExperiment(
    PersonalizedSoupsOptions? quick = null, PersonalizedSoupsOptions? full = null) : IExperiment
{
    private const string RlhfStage = "train-rlhf";
    private const string MorlStage = "train-morl";

    private static readonly IReadOnlyList<IReadOnlyList<Preference>> Combinations = [.. Preferences.Combinations];

    /// <inheritdoc/>
    public string Name => "psoups";

    /// <inheritdoc/>
    public string Description =>
        "Personalized Soups: merged experts against prompting, RLHF, multitask and Prompted-MORL on 8 combinations.";

    /// <inheritdoc/>
    public string Measured =>
        "How often a small language model's answers meet programmatic criteria more clearly than another method's, on "
        + "questions about topics that neither experts nor reward models have seen. The experts are the package's; the "
        + "other policies, and the general reward model, are trained here. Answers are sampled at temperature 1, with "
        + "the same seeds for all methods.";

    /// <inheritdoc/>
    public string NotClaimed =>
        "Nothing about human or large-model judges follows, nor about models of useful size. The criteria are rules "
        + "over the corpus that the models were trained on, and the base knows every style of it, so stating "
        + "preferences in the prompt works better here than with a model that has not seen such sentences.";

    /// <inheritdoc/>
    public object Settings(bool quick) => OptionsFor(quick);

    /// <inheritdoc/>
    public async Task<ExperimentReport> RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        var options = OptionsFor(context.Quick);
        var judges = JudgePanel.Default;
        var questions = HeldOutQuestions.Take(CorpusGenerator.Default, options.Questions);
        string[] preferences =
        [
            .. Combinations.SelectMany(c => c).Select(p => p.Id).Distinct().Order(StringComparer.Ordinal)
        ];
        var experts = preferences.ToDictionary(id => id, id => context.Model.LoadExpert(context.Miniature.Expert(id)));

        using var rewards = PreferenceRewards.Load(context, preferences);
        using var general = await GeneralRewardModel.TrainAsync(context, judges, options.General, cancellationToken);
        var rlhf = new PolicyRun(
            RlhfStage,
            TrainingPrompts.Bare(context, RlhfStage, new RewardModelSource(general), options.Rlhf),
            options.Rlhf)
        {
            CriticStart = general,
        };
        var morl = new PolicyRun(
            MorlStage,
            TrainingPrompts.Stating(context, MorlStage, Combinations, rewards.Sources, options.Morl),
            options.Morl);
        var like = experts[preferences[0]];
        var baselines = new Baselines(
            await rlhf.TrainAsync(context, like, cancellationToken),
            await MultitaskRun.TrainAsync(context, like, Combinations, options.Multitask, cancellationToken),
            await morl.TrainAsync(context, like, cancellationToken));

        var methods = SoupMethods.All(experts, baselines, options);
        var sheets = await AnswerSheets.CollectAsync(
            context, methods, Preferences.Combinations, questions, options.MaxTokens, cancellationToken);
        var language = await context.StageAsync(
            "language", () => MeasureLanguage(context, judges, questions, sheets, cancellationToken));
        var tables = await JudgeAsync(context, questions, sheets, cancellationToken);

        return new PersonalizedSoupsReport(context, options, methods, questions, judges, sheets, tables, language)
            .Write(experts.Values, general.Card, [rlhf, morl]);
    }

    private PersonalizedSoupsOptions OptionsFor(bool isQuick) => isQuick
        ? quick ?? PersonalizedSoupsOptions.Quick
        : full ?? PersonalizedSoupsOptions.Full;

    private static LanguageMeasures[] MeasureLanguage(
        ExperimentContext context,
        JudgePanel judges,
        IReadOnlyList<HeldOutQuestion> questions,
        AnswerSheets sheets,
        CancellationToken cancellationToken)
    {
        var check = new LanguageCheck(context.Model, judges);
        return
        [
            .. sheets.Methods.Select((method, i) =>
            {
                context.Report("language", i, sheets.Methods.Count);
                return check.Measure(
                    method,
                    [.. Combinations.SelectMany((_, c) => questions.Zip(sheets.Of(method, c)))],
                    cancellationToken);
            }),
        ];
    }

    /// <summary>Every method against every other, for each combination by its three criteria.</summary>
    private static async Task<IReadOnlyList<PairwiseTable>> JudgeAsync(
        ExperimentContext context,
        IReadOnlyList<HeldOutQuestion> questions,
        AnswerSheets sheets,
        CancellationToken cancellationToken)
    {
        var tables = new List<PairwiseTable>();
        for (var c = 0; c < Combinations.Count; c++)
        {
            context.Report("judging", c, Combinations.Count);
            tables.Add(await PairwiseTable.JudgeAsync(
                RuleJudge.Default,
                RuleJudge.Criteria(Combinations[c]),
                [.. questions.Select(q => q.Text)],
                [.. sheets.Methods.Select(m => new MethodAnswers(m, sheets.Texts(m, c)))],
                parallelism: 1,
                cancellationToken));
        }

        context.Report("judging", Combinations.Count, Combinations.Count);
        return tables;
    }
}
