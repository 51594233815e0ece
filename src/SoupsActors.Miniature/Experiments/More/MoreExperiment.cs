using SoupsActors.Reports;

namespace SoupsActors.Miniature.Experiments.More;

/// <summary>
/// One reward from data sets that disagree (MORE, arXiv 2312.07401): MORE against mixing, sequential learning,
/// averaging and single models, by accuracy on the shared preference, calibration and over-rewarding.
/// </summary>
/// <param name="full">Numbers of the full form.</param>
/// <param name="quick">Numbers of the short form.</param>
public sealed class MoreExperiment(MoreSettings full, MoreSettings quick) : IExperiment
{
    /// <summary>With the usual numbers.</summary>
    public MoreExperiment()
        : this(new MoreSettings(), MoreSettings.Quick)
    {
    }

    /// <inheritdoc/>
    public string Name => "more";

    /// <inheritdoc/>
    public string Description =>
        "One reward model from five conflicting data sets: MORE against mixing, sequential learning and averaging.";

    /// <inheritdoc/>
    public string Measured =>
        "Linear rewards over random features. Five data sets of unequal sizes share a preference and drift from it "
        + "each in its own way; labels are drawn from Bradley and Terry's model. Every scheme gets the same steps and "
        + "pairs a step. Tested are held-out comparisons by the shared preference: accuracy, expected calibration "
        + "error (10 bins, both orders) and the mean distance |Δr| between two answers. With extra data, comparisons "
        + "of real answers by persona are learned over hashed words, and each persona's held-out comparisons are the "
        + "test.";

    /// <inheritdoc/>
    public string NotClaimed =>
        "Nothing about reward models on language models of billions of parameters: those numbers are the paper's. The "
        + "linear problem is the one the method's derivation starts from, so it favours the method's own view. The "
        + "persona files are small, so their numbers have wide intervals.";

    /// <inheritdoc/>
    public string DataDescription =>
        "Folder with P-Soups files (JSON with prompt, chosen, rejected, ground_truth_persona), learned in addition.";

    /// <inheritdoc/>
    public object Settings(bool quick) => Of(quick);

    /// <inheritdoc/>
    public async Task<ExperimentReport> RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var settings = Of(context.Quick);
        var report = new ExperimentReport();
        var problems = new List<ProblemResult>();
        for (var p = 0; p < settings.Problems; p++)
        {
            var seed = unchecked(context.Seed * 1000 + p);
            problems.Add(await context.StageAsync($"problem-{p}", () => new RewardSchemes(
                context.Backend,
                RewardProblem.Draw(settings, seed),
                settings.Steps,
                settings.BatchPerSource,
                settings.LearningRate,
                seed)
                .RunAsync(cancellationToken)));
        }

        WriteShared(report, settings, problems);
        if (context.Data is { } folder)
        {
            await RunFilesAsync(context, report, settings, folder, cancellationToken);
        }
        else
        {
            report.Text(
                "**Real comparisons: skipped.** No folder with P-Soups files was given; `--data FOLDER` adds that "
                + "part.");
        }

        return report;
    }

    private MoreSettings Of(bool isQuick) => isQuick ? quick : full;

    private static void WriteShared(ExperimentReport report, MoreSettings settings, List<ProblemResult> problems)
    {
        var summaries = SchemeSummary.Of([.. problems.SelectMany(p => p.Schemes)]);
        var mixing = summaries.Single(s => s.Scheme == RewardSchemes.Mixing);
        var balanced = summaries.Single(s => s.Scheme == RewardSchemes.Balanced);
        var more = summaries.Single(s => s.Scheme == RewardSchemes.More);
        report.Result("shared", summaries);
        report.Headline("ece_more", Math.Round(more.CalibrationError.Mean, 4));
        report.Headline("ece_mixing", Math.Round(mixing.CalibrationError.Mean, 4));
        report.Headline("accuracy_more", Math.Round(more.Accuracy.Mean, 4));
        report.Headline("accuracy_mixing", Math.Round(mixing.Accuracy.Mean, 4));
        report.Check(
            $"MORE's calibration error is lower than mixing's in the mean over {problems.Count} problems.",
            more.CalibrationError.Mean < mixing.CalibrationError.Mean,
            $"{more.CalibrationError.Mean:F4} against {mixing.CalibrationError.Mean:F4}");
        report.Check(
            "MORE's accuracy on the shared preference is at most one point below mixing's.",
            more.Accuracy.Mean >= mixing.Accuracy.Mean - 0.01,
            $"{100 * more.Accuracy.Mean:F1} % against {100 * mixing.Accuracy.Mean:F1} %");
        report.Check(
            "MORE puts answers less far apart than mixing does: mean |Δr| is lower.",
            more.Gap.Mean < mixing.Gap.Mean,
            $"{more.Gap.Mean:F3} against {mixing.Gap.Mean:F3}");
        var lambdas = problems.SelectMany(p => p.Lambda).ToArray();
        report.Check(
            "Every step's λ lies on the simplex.",
            lambdas.All(l => l.All(x => x is >= 0 and <= 1) && Math.Abs(l.Sum() - 1) < 1e-6),
            $"{lambdas.Length} steps");

        report.Heading("Five conflicting data sets");
        report.Text(
            $"{problems.Count} problems, {settings.Features} features, "
            + $"{string.Join(", ", settings.Sizes)} comparisons, "
            + "mean ± standard error over the problems. Tested on the shared preference.");
        SchemeSummary.Write(report, summaries);
        report.Text(
            "*Balanced mixing* draws as many pairs of every data set as MORE does and weighs them alike: what MORE "
            + $"gains over it is due to λ alone (calibration error {balanced.CalibrationError.Mean:F4}), the rest to "
            + "resampling.");
        SourceSummary.Write(
            report,
            "sources",
            problems,
            [.. settings.Sizes.Select((size, k) => $"{k + 1} ({size} comparisons)")],
            [RewardSchemes.Mixing, RewardSchemes.More]);
        report.Plot("calibration", "Calibration error by scheme", new BarPlot(
            "Expected calibration error on the shared preference",
            [.. summaries.Select(s => s.Scheme)],
            new PlotAxis("ECE, 10 bins", Low: 0),
            [new BarSeries("ECE", [.. summaries.Select((s, i) => s.CalibrationError.Bar(i))])]).ToSvg());
        SchemeSummary.PlotReliability(report, "reliability", mixing, more);
        var shown = problems[0].Lambda;
        var series = settings.Sizes.Select((size, k) => new PlotSeries(
            $"{size} comparisons",
            [.. shown.Chunk(20).Select((part, i) => new PlotPoint(20 * i + part.Length, part.Average(l => l[k])))])
        {
            Markers = false,
        });
        var lambda = new LinePlot(
            "Weight of each data set, mean over 20 steps",
            new PlotAxis("step"),
            new PlotAxis("λ", Low: 0, High: 1),
            [.. series])
        {
            Guide = 1.0 / settings.Sizes.Count,
        };
        report.Plot("lambda", "MORE's weights in the first problem", lambda.ToSvg());
    }

    private static async Task RunFilesAsync(
        ExperimentContext context,
        ExperimentReport report,
        MoreSettings settings,
        string folder,
        CancellationToken cancellationToken)
    {
        var personas = PersonaFiles.Read(folder);
        var splits = new List<ProblemResult>();
        for (var s = 0; s < settings.Splits; s++)
        {
            var seed = unchecked(context.Seed * 1000 + s);
            splits.Add(await context.StageAsync($"files-{s}", () => new RewardSchemes(
                context.Backend,
                TextProblem.Split(personas, settings, seed),
                settings.TextSteps,
                settings.BatchPerSource,
                settings.LearningRate,
                seed)
                .RunAsync(cancellationToken)));
        }

        var results = splits.SelectMany(s => s.Schemes).ToArray();
        report.Heading("Comparisons by persona");
        report.Text(
            $"{personas.Count} personas with {string.Join(", ", personas.Select(p => p.Pairs.Count))} distinct "
            + $"comparisons, {settings.Splits} random splits; the mean over the personas.");
        var summaries = SchemeSummary.Of(results);
        report.Result("files", summaries);
        SchemeSummary.Write(report, summaries);
        SchemeSummary.PlotReliability(
            report,
            "reliability-files",
            summaries.Single(s => s.Scheme == RewardSchemes.Mixing),
            summaries.Single(s => s.Scheme == RewardSchemes.More));
        var names = personas.Select(p => p.Persona).ToArray();
        SourceSummary.Write(report, "files_sources", splits, names, [RewardSchemes.Mixing, RewardSchemes.More]);
        report.Subheading("Accuracy for each persona");
        report.Table(
            ["scheme", .. names],
            results.Select(r => r.Scheme).Distinct().Select(scheme => (IReadOnlyList<string>)
            [
                scheme,
                .. names.Select(name => Accuracy(scheme, name)),
            ]));

        string Accuracy(string scheme, string persona)
        {
            var tests = results.Where(r => r.Scheme == scheme && r.Test == persona);
            return $"{100 * tests.Average(r => r.Accuracy):F1} %";
        }
    }
}
