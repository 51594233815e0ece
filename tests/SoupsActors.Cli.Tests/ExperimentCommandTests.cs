using System.Text.Json;
using SoupsActors.Cli.Commands;
using SoupsActors.Miniature.Experiments;
using SoupsActors.Miniature.Recipe;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Cli.Tests;

public sealed class ExperimentCommandTests : IAsyncLifetime
{
    private readonly string root = Directory.CreateTempSubdirectory("soups-cli-").FullName;

    private string Miniature => Path.Combine(root, "miniature");

    public async ValueTask InitializeAsync()
    {
        using var backend = CpuBackend.Create(new CpuOptions { Threads = 1 });
        await new MiniatureBuilder(backend, MiniatureRecipe.Tiny, new MiniatureFolder(Miniature)).BuildAsync();
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(root, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_experiment_shows_its_progress_and_ends_with_one_line_of_json()
    {
        var (code, output) = await RunAsync("--out", Path.Combine(root, "out"), "--json");
        Assert.Equal(SoupsTool.Success, code);
        var lines = output.TrimEnd('\n').Split('\n');
        Assert.Contains(lines, line => line.Contains("guess: almost, 0/2", StringComparison.Ordinal));
        using var summary = JsonDocument.Parse(lines[^1]);
        Assert.Equal("guessing", summary.RootElement.GetProperty("experiment").GetString());
        Assert.False(summary.RootElement.GetProperty("passed").GetBoolean());
        Assert.Equal(41, summary.RootElement.GetProperty("headlines").GetProperty("guess").GetInt32());
        Assert.True(File.Exists(summary.RootElement.GetProperty("report").GetString()));
    }

    [Fact]
    public async Task Without_json_people_read_what_holds_and_where_the_report_is()
    {
        var folder = Path.Combine(root, "out");
        var (_, output) = await RunAsync("--out", folder, "--quick");
        Assert.Contains("The guess is 42.", output, StringComparison.Ordinal);
        Assert.Contains($"Report: {Path.Combine(folder, "report.md")}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_seed_in_the_same_folder_is_refused()
    {
        var folder = Path.Combine(root, "out");
        await RunAsync("--out", folder);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync("--out", folder, "--seed", "2"));
        Assert.Contains("seed (1 there, 2 here)", error.Message, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output)> RunAsync(params string[] args) => ToolRun.OnConsoleAsync(console =>
        ExperimentCommand.Create(new Guessing(), console)
            .Parse([.. args, "--model", Miniature, "--threads", "1"])
            .InvokeAsync(new() { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken));

    private sealed class Guessing : IExperiment
    {
        public string Name => "guessing";

        public string Description => "Guesses a number.";

        public string Measured => "The guess.";

        public string NotClaimed => "The question.";

        public object Settings(bool quick) => new { Guess = 41 };

        public async Task<ExperimentReport> RunAsync(ExperimentContext context, CancellationToken cancellationToken)
        {
            var guess = await context.StageAsync("guess", () =>
            {
                context.Report("guess", 0, 2, "almost");
                return 41;
            });
            var report = new ExperimentReport();
            report.Headline("guess", guess);
            report.Check("The guess is 42.", guess == 42, $"{guess}");
            return report;
        }
    }
}
