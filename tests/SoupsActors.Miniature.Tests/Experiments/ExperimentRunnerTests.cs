using System.Text.Json;
using SoupsActors.Miniature.Experiments;
using SoupsActors.Reports;

namespace SoupsActors.Miniature.Tests.Experiments;

[Collection(TinyMiniature.Tests)]
public sealed class ExperimentRunnerTests(TinyMiniature miniature)
{
    [Fact]
    public async Task A_run_leaves_results_report_and_plots()
    {
        var folder = miniature.NewOut();
        var summary = await RunAsync(new Counting(), folder);
        Assert.True(summary.Passed);
        Assert.Equal(3.0, summary.Headlines["total"]);
        var report = await File.ReadAllTextAsync(summary.Report, Cancellation);
        Assert.Contains("**Not claimed.** Everything else.", report, StringComparison.Ordinal);
        Assert.Contains("(curve.svg)", report, StringComparison.Ordinal);
        Assert.Contains("| a\\|b | &lt;c> |", report, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "curve.svg")));
        using var results = JsonDocument.Parse(
            await File.ReadAllBytesAsync(Path.Combine(folder, "results.json"), Cancellation));
        Assert.Equal(3.0, results.RootElement.GetProperty("results").GetProperty("total").GetDouble());
    }

    [Fact]
    public async Task A_stopped_run_goes_on_after_its_finished_stages_and_ends_with_the_same_results()
    {
        var undisturbed = miniature.NewOut();
        await RunAsync(new Counting(), undisturbed);

        var folder = miniature.NewOut();
        using var stop = new CancellationTokenSource();
        var stopped = new Counting
        {
            BeforeSecond = async () =>
            {
                await stop.CancelAsync();
                stop.Token.ThrowIfCancellationRequested();
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(stopped, folder));
        Assert.False(File.Exists(Path.Combine(folder, "results.json")));
        var resumed = new Counting();
        await RunAsync(resumed, folder);
        Assert.Equal(["second"], resumed.Ran);
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(undisturbed, "results.json"), Cancellation),
            await File.ReadAllBytesAsync(Path.Combine(folder, "results.json"), Cancellation));
    }

    /// <summary>As where the process is killed between the end of a training and the note that it has ended.</summary>
    [Fact]
    public async Task A_training_whose_result_could_not_be_noted_goes_on_from_its_checkpoint()
    {
        var folder = miniature.NewOut();
        var note = Path.Combine(folder, "work", "train.json");
        var found = new List<bool>();
        var training = new Looking(async (context, _) =>
        {
            if (found.Count == 0)
                Directory.CreateDirectory(note);
            var expert = context.Model.LoadExpert(context.Miniature.Expert("P1A"));
            await context.ExpertAsync("train", checkpoint =>
            {
                found.Add(checkpoint.TryRestore(_ => { }));
                checkpoint.Save(state => state.Add("step", 1L));
                return Task.FromResult(expert);
            });
            Assert.False(File.Exists(context.Checkpoint("train").Path));
        });
        await Assert.ThrowsAnyAsync<SystemException>(() => RunAsync(training, folder));
        Directory.Delete(note);
        await RunAsync(training, folder);
        Assert.Equal([false, true], found);
    }

    [Fact]
    public async Task A_folder_with_a_run_of_other_settings_is_refused_and_the_difference_named()
    {
        var folder = miniature.NewOut();
        await RunAsync(new Counting(), folder);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => RunAsync(new Counting(), folder, seed: 2));
        Assert.Contains("seed (1 there, 2 here)", error.Message, StringComparison.Ordinal);
        Assert.Contains("--out", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_with_other_files_is_refused()
    {
        var folder = miniature.NewOut();
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "thesis.md"), "mine", Cancellation);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(new Counting(), folder));
        Assert.Contains("not empty", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_runs_cannot_work_in_one_folder()
    {
        var folder = miniature.NewOut();
        var second = new Counting();
        InvalidOperationException? error = null;
        await RunAsync(
            new Counting
            {
                BeforeSecond = async () => error = await Assert.ThrowsAsync<InvalidOperationException>(
                    () => RunAsync(second, folder)),
            },
            folder);
        Assert.Contains("Another run", error!.Message, StringComparison.Ordinal);
        Assert.Empty(second.Ran);
    }

    [Fact]
    public async Task A_stage_that_is_asked_for_twice_is_an_error()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => RunAsync(new Counting { SecondName = "first" }, miniature.NewOut()));
        Assert.Contains("twice", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_experiment_says_what_it_measures_and_what_it_does_not_claim() =>
        Assert.All(ExperimentCatalog.All, e =>
    {
        Assert.Equal(e.Name, e.Name.ToLowerInvariant());
        Assert.All(
            [e.Description, e.Measured, e.NotClaimed], text => Assert.EndsWith(".", text, StringComparison.Ordinal));
        Assert.NotEqual(
            JsonSerializer.Serialize(e.Settings(quick: true)), JsonSerializer.Serialize(e.Settings(quick: false)));
    });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Task<ExperimentSummary> RunAsync(IExperiment experiment, string folder, int seed = 1) =>
        miniature.RunAsync(experiment, folder, seed: seed, cancellationToken: Cancellation);

    private sealed class Counting : IExperiment
    {
        public List<string> Ran { get; } = [];

        public Func<Task>? BeforeSecond { get; init; }

        public string SecondName { get; init; } = "second";

        public string Name => "counting";

        public string Description => "Counts.";

        public string Measured => "Two numbers.";

        public string NotClaimed => "Everything else.";

        public object Settings(bool quick) => new { quick };

        public async Task<ExperimentReport> RunAsync(ExperimentContext context, CancellationToken cancellationToken)
        {
            var first = await context.StageAsync("first", () => Run("first", 1.0));
            var second = await context.StageAsync(SecondName, async () =>
            {
                if (BeforeSecond is not null)
                    await BeforeSecond();
                return Run("second", 2.0);
            });
            var report = new ExperimentReport();
            report.Headline("total", first + second);
            report.Check("The total is 3.", first + second == 3, $"{first + second}");
            report.Heading("Numbers");
            report.Table(["x", "y"], [["a|b", "<c>"]]);
            report.Plot(
                "curve",
                "A curve",
                new LinePlot(
                    "A curve",
                    new PlotAxis("x"),
                    new PlotAxis("y"),
                    [new PlotSeries("a", [new(0, first), new(1, second)])])
                    .ToSvg());
            return report;
        }

        private double Run(string name, double result)
        {
            Ran.Add(name);
            return result;
        }
    }
}
