using SoupsActors.Learning.Judging;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Training;
using SoupsActors.Miniature.Experiments.Answers;
using SoupsActors.Miniature.Experiments.Trainings;
using SoupsActors.Miniature.Judges;
using SoupsActors.Models.Experts;
using SoupsActors.Reports;
using static SoupsActors.Miniature.Experiments.Answers.Figures;

namespace SoupsActors.Miniature.Experiments.PersonalizedSoups;

/// <summary>Turns answers and judgements of <see cref="PersonalizedSoupsExperiment"/> into its report.</summary>
internal sealed class PersonalizedSoupsReport(
    ExperimentContext context,
    PersonalizedSoupsOptions options,
    IReadOnlyList<ComparedMethod> methods,
    IReadOnlyList<HeldOutQuestion> questions,
    JudgePanel judges,
    AnswerSheets sheets,
    IReadOnlyList<PairwiseTable> tables,
    IReadOnlyList<LanguageMeasures> language)
{
    private const int SamplesPerCombination = 10;
    private const string Soup = MethodNames.Product;

    private readonly ExperimentReport report = new();
    private readonly PairwiseTable all = PairwiseTable.Merge(tables);
    private readonly string[] combinations =
    [
        .. Preferences.Combinations.Select(c => string.Join(" + ", c.Select(p => p.Id)))
    ];

    public ExperimentReport Write(IEnumerable<Expert> experts, RewardCard general, IReadOnlyList<PolicyRun> policies)
    {
        WriteMethods(general);
        WriteSoupAgainstBase();
        WriteEveryPair();
        WriteCriteria();
        WriteLanguage();
        TrainingNeeds.Write(report, context, [.. experts], options, policies);
        WriteCurves(policies);
        WriteAllCells();
        WriteSamples();
        return report;
    }

    private void WriteMethods(RewardCard general)
    {
        report.Heading("Methods");
        report.Text(
            $"{questions.Count} different questions about {questions.Select(q => q.Topic.Id).Distinct().Count()} "
            + $"held-out topics, for each of the {combinations.Length} combinations. "
            + "They come in the two evaluation forms first and then in further forms that training uses for other "
            + "topics: the held-out topics make 32 questions in the evaluation forms alone.");
        report.Table(["method", "what it does"], methods.Select(m => (string[])[m.Name, m.Description]));
        report.Text(
            $"The general reward model of {MethodNames.Rlhf} learnt from {general.TrainingPairs} comparisons of the "
            + "base's answers by a rule that counts different true statements. It orders "
            + $"{Percent(general.HeldOutAccuracy ?? double.NaN)} of {general.HeldOutPairs} comparisons about held-out "
            + "topics as the rule does.");
        report.Result("general_reward_accuracy", Round(general.HeldOutAccuracy ?? double.NaN));
    }

    /// <summary>The question that the experiment is run for.</summary>
    private void WriteSoupAgainstBase()
    {
        report.Heading("Soups against the base");
        var mean = Mean(Soup, MethodNames.Base);
        var pooled = all.Aggregated(Soup, MethodNames.Base);
        report.Headline("mean_win_rate_against_base", Round(mean.Rate));
        report.Headline("mean_win_rate_lower", Round(mean.Lower));
        report.Headline("mean_win_rate_upper", Round(mean.Upper));
        report.Check(
            "Soups beat the vanilla base: mean aggregated win rate over the combinations at least 75 %, its lower "
            + "95 % bound above 70 %.",
            mean.Rate >= 0.75 && Math.Min(mean.Lower, pooled.WinRateInterval.Lower) > 0.70,
            $"{Percent(mean.Rate)}, bootstrap over questions {Percent(mean.Lower)} to {Percent(mean.Upper)}, "
            + $"Wilson over all comparisons {Interval(pooled.WinRateInterval)}");

        var moves = Enumerable.Range(0, combinations.Length).Select(c => Moves(Soup, c)).ToArray();
        foreach (var dimension in Enum.GetValues<PreferenceDimension>())
        {
            var right = moves.Count(m => m[(int)dimension] > 0);
            report.Headline($"{dimension}_moves_as_asked".ToLowerInvariant(), right);
            report.Check(
                $"{dimension} moves the asked way in at least 7 of 8 combinations.",
                right >= 7,
                $"in {right} of {combinations.Length}");
        }

        report.Text(
            "Win rates are W / (W + L); an answer pair wins by the sign of the sum over its three criteria. Moves "
            + "are differences of the criterion's mean score between soup and base.");
        report.Table(
            [
                "combination",
                "W/T/L (win rate)",
                "95 % interval",
                "expertise moves",
                "informativeness moves",
                "style moves",
            ],
            combinations.Select((name, c) =>
            {
                var counts = tables[c].Aggregated(Soup, MethodNames.Base);
                return (string[])[
                    name,
                    Rate(counts),
                    Interval(counts.WinRateInterval),
                    .. moves[c].Select(m => Number(m, "+0.00;-0.00;0")),
                ];
            }));
        string[] shown =
        [
            MethodNames.Prompt,
            MethodNames.Multitask,
            MethodNames.Morl,
            Soup,
            MethodNames.ProductWithPrompt,
        ];
        report.Plot("against-base", "Aggregated win rate against the base, with Wilson's 95 % intervals", new BarPlot(
            "Aggregated win rate against the vanilla base",
            combinations,
            new PlotAxis("win rate in %", 0, 100),
            [.. shown.Select(m => new BarSeries(m, [.. tables.Select(t => Bar(t.Aggregated(m, MethodNames.Base)))]))])
        { Guide = 50 }.ToSvg());
    }

    private void WriteEveryPair()
    {
        report.Heading("Every method against every other");
        report.Text(
            "Aggregated over the criteria and all combinations: W/T/L of the row's method (win rate without "
            + "ties). The last column is the mean over opponents.");
        report.Table(
            ["method", .. all.Methods, "mean"],
            all.Methods.Select(m => (string[])
            [
                m,
                .. all.Methods.Select(o => m == o ? "" : Rate(all.Aggregated(m, o))),
                Percent(all.MeanWinRate(m)),
            ]));
        report.Plot("mean-win-rate", "Mean aggregated win rate over all opponents", new BarPlot(
            "Mean aggregated win rate over all opponents",
            all.Methods,
            new PlotAxis("win rate in %", 0, 100),
            [new BarSeries("mean", [.. all.Methods.Select(m => new PlotPoint(0, 100 * all.MeanWinRate(m)))])])
        { Guide = 50 }.ToSvg());
        foreach (
            var opponent in new[] { MethodNames.Prompt, MethodNames.Morl, MethodNames.Multitask, MethodNames.Rlhf })
            report.Headline(
                $"mean_win_rate_against_{opponent.Replace('-', '_')}".ToLowerInvariant(),
                Round(Mean(Soup, opponent).Rate));
    }

    private void WriteCriteria()
    {
        report.Heading("How many answers meet their criteria");
        report.Table(["method", "expertise", "informativeness", "style", "all three"], methods.Select(m =>
        {
            var answers = Preferences.Combinations
                .SelectMany(
                    (combination, c) => sheets.Texts(m.Name, c).Select(
                        text => combination.Select(p => judges.Satisfies(p.Id, text)).ToArray()))
                .ToArray();
            double[] shares =
            [
                .. Enumerable.Range(0, 3).Select(d => answers.Average(a => a[d] ? 1.0 : 0)),
                answers.Average(a => a.All(met => met) ? 1.0 : 0),
            ];
            report.Result($"meets/{m.Name}", shares.Select(Round));
            return (string[])[m.Name, .. shares.Select(Percent)];
        }));
    }

    private void WriteLanguage()
    {
        report.Heading("Is it still language?");
        report.Text(
            "In the mean over all answers. Log-likelihood is that of the answer given the bare question under the "
            + "base, in nats a token: a style that is rare in the base costs some even where the language is "
            + "flawless.");
        report.Table(
            ["method", "log-likelihood", "repeated phrases", "known words", "true statements", "words", "ended"],
            language.Select(l => (string[])
            [
                l.Method,
                Number(l.LogLikelihood),
                Percent(l.RepeatedPhrases),
                Percent(l.KnownWords),
                Percent(l.Truth),
                Number(l.Words, "F1"),
                Percent(l.Ended)
            ]));
        report.Result("language", language.Select(l => l with { LogLikelihood = Round(l.LogLikelihood) }));
        var soup = language.Single(l => l.Method == Soup);
        var own = language.Single(l => l.Method == MethodNames.Base).LogLikelihood;
        report.Headline("log_likelihood_below_base", Round(own - soup.LogLikelihood));
        report.Check(
            $"Soups stay language: log-likelihood under the base at most {options.LikelihoodBound} nats a token "
            + $"below the base's own answers, and at most {Percent(options.RepetitionBound)} repeated phrases.",
            own - soup.LogLikelihood <= options.LikelihoodBound && soup.RepeatedPhrases <= options.RepetitionBound,
            $"{Number(own - soup.LogLikelihood)} nats below, {Percent(soup.RepeatedPhrases)} repeated");
    }

    private void WriteCurves(IReadOnlyList<PolicyRun> policies)
    {
        var curves = policies.Select(p => (p.Stage, Curve: p.Curve(context))).ToArray();
        report.Plot("curves", "Mean reward of the policies trained here, each by its own reward", new LinePlot(
            "Reward while the baselines are trained",
            new PlotAxis("step"),
            new PlotAxis("mean reward of a step's answers"),
            [
                .. curves.Select(c => new PlotSeries(
                    c.Stage, [.. c.Curve.Select(m => new PlotPoint(m.Step, m[MetricNames.Scores]))])
                {
                    Markers = c.Curve.Count <= 40,
                }),
            ]).ToSvg());
        foreach (var (stage, curve) in curves)
        {
            report.Result($"curve/{stage}", curve.Select(m => new
            {
                m.Step,
                Reward = Round(m[MetricNames.Scores]),
                KlPerToken = Round(m[MetricNames.KlPerToken]),
            }));
        }
    }

    private void WriteAllCells()
    {
        report.Heading("All pairs by criterion");
        var cells = all.Cells.Where(c => Index(c.Method) < Index(c.Opponent)).ToArray();
        report.Result("pairs", cells.Select(c => new
        {
            c.Method,
            c.Opponent,
            Criterion = c.Criterion ?? "aggregated",
            c.Result.Wins,
            c.Result.Ties,
            c.Result.Losses,
        }));
        report.Result("combinations", tables.Select((t, i) => new
        {
            Combination = combinations[i],
            Pairs = t.Cells.Where(c => Index(c.Method) < Index(c.Opponent))
                .Select(c => $"{c.Method} : {c.Opponent} : {c.Criterion ?? "aggregated"} {c.Result}"),
        }));
        report.Table(
            ["method", "opponent", "criterion", "W/T/L", "W / (W + L)", "95 % interval", "(W + T/2) / all"],
            cells.Select(c => (string[])
            [
                c.Method,
                c.Opponent,
                c.Criterion ?? "**aggregated**",
                c.Result.ToString(),
                Percent(c.Result.WinRate),
                Interval(c.Result.WinRateInterval),
                Percent(c.Result.WinRateWithTies),
            ]));
    }

    private void WriteSamples()
    {
        report.Heading("Samples");
        report.Text($"The first {SamplesPerCombination} answers of {Soup} for each combination, as they were sampled.");
        for (var c = 0; c < combinations.Length; c++)
        {
            report.Subheading(string.Join(" + ", Preferences.Combinations[c]));
            report.Table(
                ["question", "answer"],
                questions.Zip(sheets.Texts(Soup, c)).Take(SamplesPerCombination).Select(
                    s => (string[])[s.First.Text, s.Second]));
        }
    }

    private MeanWinRate Mean(string method, string opponent) => MeanWinRate.Of(
        [
            .. Preferences.Combinations.Select((combination, c) => sheets.Texts(method, c)
                .Zip(sheets.Texts(opponent, c), (a, b) => judges.CompareAll(combination, a, b))
                .ToArray()),
        ],
        context.RandomOf($"bootstrap {method} {opponent}"));

    /// <summary>By how much each criterion's mean score lies above the base's.</summary>
    private double[] Moves(string method, int combination) =>
    [
        .. Preferences.Combinations[combination].Select(p =>
            sheets.Texts(method, combination).Average(a => judges.Score(p.Id, "", a))
            - sheets.Texts(MethodNames.Base, combination).Average(a => judges.Score(p.Id, "", a))),
    ];

    private int Index(string method) => all.Methods.ToList().IndexOf(method);
}
