using System.Text.Json;

namespace SoupsActors.Cli.Tests;

public sealed class SimulateCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("soups-simulate-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_cluster_is_simulated_with_every_policy_and_reported()
    {
        var (code, output) = await ToolRun.SoupsAsync(
            "simulate", "--silos", "2,4", "--requests", "50", "--users", "1000", "--experts", "20", "--out", folder);
        Assert.Equal(SoupsTool.Success, code);
        Assert.Contains("residency", output, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(folder, "report.md"), output, StringComparison.Ordinal);
        using var results = JsonDocument.Parse(await File.ReadAllBytesAsync(
            Path.Combine(folder, "results.json"), TestContext.Current.CancellationToken));
        Assert.Equal(
            [100, 100, 100, 100, 200, 200, 200, 200],
            results.RootElement.EnumerateArray()
                .Select(run => run.GetProperty("result").GetProperty("sent").GetInt32()));
    }

    [Fact]
    public async Task Options_reach_the_simulation_and_json_is_one_line_a_run()
    {
        var (_, output) = await ToolRun.SoupsAsync(
            "simulate", "--silos", "1", "--policy", "random", "--requests", "2000", "--mix", "0", "--rows", "1", "--prompt",
            "0", "--answer", "100", "--fixed-answers", "--rate", "0.1", "--step-ms", "10", "--row-ms", "0", "--users", "10",
            "--json");
        // All of it: a program at the other end of a pipe reads from the first line on.
        using var run = JsonDocument.Parse(output);
        var answer = run.RootElement.GetProperty("result").GetProperty("answer").GetProperty("p50").GetDouble();
        Assert.InRange(answer, 0.99, 1.02);
    }

    [Theory]
    [InlineData("--silos", "four", "'four' is no number of silos")]
    [InlineData("--policy", "best", "There is no policy 'best'")]
    [InlineData("--device", "abacus", "There is no device model 'abacus'")]
    [InlineData("--slots", "1", "Slots is 1")]
    public async Task Wrong_options_are_refused_by_name(string option, string value, string message)
    {
        var (code, _, errors) = await ToolRun.SoupsAsync("simulate", option, value);
        Assert.Equal(SoupsTool.Failure, code);
        Assert.Contains(message, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, SoupsTool.Success)]
    [InlineData(3, SoupsTool.Failure)]
    public async Task A_real_cluster_is_compared_and_a_difference_is_a_failure(double measured, int expected)
    {
        var file = Path.Combine(folder, "measured.json");
        await File.WriteAllTextAsync(
            file,
            $$$"""
            {"options": {"silos": 2, "rate": 1, "experts": 4, "slots": 4, "users": 10, "requests": 300},
             "measured": {"answers_per_second": {{{measured}}}}}
            """,
            TestContext.Current.CancellationToken);
        var (code, output) = await ToolRun.SoupsAsync("simulate", "--calibrate", file);
        Assert.Equal(expected, code);
        Assert.Contains("answers_per_second", output, StringComparison.Ordinal);
    }
}
