using System.Diagnostics;
using SoupsActors.Cli.Output;
using SoupsActors.Miniature.Experiments;
using SoupsActors.Testing;
using SoupsActors.Trainings;

namespace SoupsActors.Cli.Tests;

/// <summary>What is written where.</summary>
public sealed class OutputTests
{
    [Fact]
    public async Task Standard_output_of_a_failed_export_is_empty()
    {
        var (code, output, errors) = await SoupsAsync("profile", "export", "alice", "--url", "http://127.0.0.1:9");
        Assert.Equal((SoupsTool.Unreachable, ""), (code, output));
        Assert.StartsWith("No silo answers at http://127.0.0.1:9", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_holds_no_colours_and_no_moving_bars()
    {
        var (_, output, _) = await SoupsAsync("chat", "--url", "http://127.0.0.1:9");
        Assert.StartsWith("soup for nobody", output, StringComparison.Ordinal);
        (_, output, _) = await SoupsAsync("simulate", "--silos", "1", "--requests", "10", "--users", "10", "--policy", "random");
        Assert.Contains(" silos: 1 silos, random, 0/100\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', output);
    }

    [Fact]
    public async Task Progress_counts_hours_beyond_a_day()
    {
        var time = new ManualTimeProvider();
        var (_, output) = await ToolRun.OnConsoleAsync(async console =>
        {
            await ExperimentDisplay.RunAsync(
                console,
                progress =>
                {
                    time.Advance(new TimeSpan(days: 1, 3, 4, 5));
                    progress.Report(new ExperimentProgress("ppo", 2, 2));
                    return Task.CompletedTask;
                },
                time);
            return SoupsTool.Success;
        });
        Assert.Equal("27:04:05 ppo, 2/2\n", output);
    }

    [Fact]
    public async Task A_training_counts_hours_beyond_a_day()
    {
        var (_, output) = await ToolRun.OnConsoleAsync(console =>
        {
            TrainDisplay.Print(console, new TrainingStatus { WorkedSeconds = 100 * 3600 + 61 }, json: false);
            return Task.FromResult(SoupsTool.Success);
        });
        Assert.Contains("100:01:01", output, StringComparison.Ordinal);
    }

    // The tool as it is started from a terminal, with its output going elsewhere.
    private static async Task<ToolResult> SoupsAsync(params string[] args)
    {
        using var soups = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "soups.dll"), .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            Environment = { ["TERM"] = "xterm-256color" },
        })!;
        soups.StandardInput.Close();
        var output = soups.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await soups.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await soups.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ToolResult(soups.ExitCode, await output, errors);
    }
}
