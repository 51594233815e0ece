using SoupsActors.Dashboard.Data;
using SoupsActors.Dashboard.Data.Experiments;
using SoupsActors.Miniature.Experiments;
using SoupsActors.Miniature.Experiments.More;
using SoupsActors.Miniature.Recipe;
using SoupsActors.Tensors.Cpu;
using SoupsActors.Testing;

namespace SoupsActors.Dashboard.Tests.Experiments;

public sealed class ExperimentShelfTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private ExperimentShelf Shelf => new(new HostFacts { ExperimentsDirectory = folder.Path });

    public void Dispose() => folder.Dispose();

    [Fact]
    public void runs_are_found_and_what_is_damaged_or_foreign_says_so()
    {
        SampleReports.WriteAll(folder.Path);
        var runs = Shelf.List().ToDictionary(r => r.Name);
        Assert.Equal(
            ["conflict", "foreign", "half", "odd <b>name", "overopt", "running", "sixteen", "soups", "sweep"], runs.Keys.Order());
        var soups = runs["soups"];
        Assert.Equal(
            (RunState.Finished, "psoups", true, 1L), (soups.State, soups.Experiment, soups.IsQuick, soups.Seed));
        Assert.Equal((RunState.Unfinished, "more"), (runs["running"].State, runs["running"].Experiment));
        Assert.Contains("goes on with it", runs["running"].Problem, StringComparison.Ordinal);
        Assert.Equal(RunState.Damaged, runs["half"].State);
        Assert.Contains("not JSON", runs["half"].Problem, StringComparison.Ordinal);
        Assert.Equal(RunState.Damaged, runs["foreign"].State);
        Assert.Contains("no report of an experiment", runs["foreign"].Problem, StringComparison.Ordinal);
        var refusal = Assert.Throws<SoupsException>(() => Shelf.Read("half"));
        Assert.Contains("not JSON", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../soups")]
    [InlineData("nowhere")]
    [InlineData("unrelated")]
    public void only_what_is_listed_is_read(string name)
    {
        SampleReports.WriteAll(folder.Path);
        Assert.Equal(SoupsError.NotFound, Assert.Throws<SoupsException>(() => Shelf.Read(name)).Error);
    }

    [Fact]
    public void a_folder_that_is_not_there_is_empty()
    {
        Assert.Empty(new ExperimentShelf(new HostFacts { ExperimentsDirectory = folder["missing"] }).List());
        Assert.Empty(new ExperimentShelf(new HostFacts()).List());
    }

    [Fact]
    public void win_rates_are_read_from_both_sides_and_by_combination()
    {
        SampleReports.WriteAll(folder.Path);
        var results = Shelf.Read("soups");
        var table = results.WinRates!;
        Assert.Equal(["base", "soup product", "prompt"], table.Methods);
        Assert.Equal([WinTable.Aggregated, "P1A"], table.Criteria);
        var cell = table.Find(WinTable.AllCombinations, WinTable.Aggregated, "soup product", "base")!;
        Assert.Equal((90L, 5L, 5L), (cell.Wins, cell.Ties, cell.Losses));
        Assert.Equal(90 / 95.0, cell.Rate);
        Assert.Null(table.Find(WinTable.AllCombinations, WinTable.Aggregated, "prompt", "soup product")!.Rate);
        Assert.Equal(3, table.Find("P1A + P2A", WinTable.Aggregated, "soup product", "base")!.Wins);
        Assert.Contains("1 of the lines", Assert.Single(results.Problems), StringComparison.Ordinal);
        Assert.Equal([0.95, 0.99, 0.97, 0.92], results.Shares.Single(s => s.Method == "soup product").Shares);
        Assert.Equal(2, results.Curves.Single().Points.Count);
        Assert.Equal([true, false], results.Checks.Select(c => c.Holds));
        Assert.Contains("whole", results.ReadReport(), StringComparison.Ordinal);
    }

    [Fact]
    public void win_rates_of_combinations_alone_are_added_up()
    {
        SampleReports.WriteAll(folder.Path);
        var results = Shelf.Read("sixteen");
        var cell = results.WinRates!.Find(WinTable.AllCombinations, WinTable.Aggregated, "soup", "base")!;
        Assert.Equal((42L, 3L, 3L), (cell.Wins, cell.Ties, cell.Losses));
        Assert.Equal(["train-P3C", "train-P3D", "train-morl"], results.Costs.Select(c => c.Stage));
        Assert.Equal("a machine", results.Machine);
    }

    [Fact]
    public void a_sweep_has_both_ends_and_a_shape_that_is_not_known_is_left_out_with_a_word()
    {
        SampleReports.WriteAll(folder.Path);
        var sweep = Shelf.Read("sweep");
        Assert.True(sweep.Front!.CanBeDrawn);
        Assert.Equal((1.1, 1.1), (sweep.Front.End(0)!.Means[0], sweep.Front.End(1)!.Means[1]));
        Assert.Single(sweep.Connectivity[0].Margins);
        var odd = Shelf.Read("odd <b>name");
        Assert.Null(odd.WinRates);
        Assert.Contains("pairs", Assert.Single(odd.Problems), StringComparison.Ordinal);
        Assert.Equal(double.NaN, Shelf.Read("overopt").BestOfN[1].Proxy[2]);
    }

    [Fact]
    public async Task what_an_experiment_really_writes_is_read()
    {
        var tiny = new MoreSettings { Problems = 2, Steps = 20, HeldOut = 100, Sizes = [40, 20] };
        using var backend = CpuBackend.Create(new CpuOptions { Threads = 1 });
        await ExperimentRunner.RunAsync(
            new MoreExperiment(tiny, tiny),
            new ExperimentRequest(folder["real"], Quick: true, Seed: 3, MiniatureFolder.Packaged),
            backend,
            cancellationToken: TestContext.Current.CancellationToken);
        var results = Shelf.Read("real");
        Assert.Equal(("more", RunState.Finished, 3L), (results.Run.Experiment, results.Run.State, results.Run.Seed));
        Assert.Contains(results.Schemes, s => s.Scheme == "MORE" && s.Accuracy.Mean is > 0 and <= 1);
        Assert.All(results.Schemes, s => Assert.Contains(s.Bins!, b => b.Count > 0 && b.Confidence > 0));
        Assert.NotEmpty(results.Checks);
        Assert.Contains(results.Headlines, h => h.Name == "ece more");
        Assert.Equal(["problem-0", "problem-1"], results.Costs.Select(c => c.Stage));
        Assert.Contains("held_out", results.Settings, StringComparison.Ordinal);
        Assert.Empty(results.Problems);
    }

    [Fact]
    public void the_packaged_model_comes_with_its_judgements()
    {
        var packaged = PackagedMiniature.Read(MiniatureFolder.Packaged.Root)!;
        Assert.Contains(packaged.Judgements, j => j is { Method: "soup", Combination.Length: 3, Answers: > 0 });
        Assert.Equal(8, packaged.Preferences.Count);
        Assert.All(packaged.Preferences, p => Assert.True(
            p is { Accuracy: > 0.5, CalibrationError: > 0, Seconds: > 0, Curve.Count: > 10 }));
        Assert.Null(PackagedMiniature.Read(folder.Path));
        File.WriteAllText(folder["judgements.json"], "{ broken");
        Assert.Null(PackagedMiniature.Read(folder.Path));
    }
}
