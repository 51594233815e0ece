using System.Text.Json;
using SoupsActors.Miniature.Experiments.Scaling;

namespace SoupsActors.Miniature.Tests.Experiments;

[Collection(TinyMiniature.Tests)]
public sealed class ScalingExperimentTests(TinyMiniature miniature)
{
    private static readonly ScalingOptions Tiny = new()
    {
        Questions = 2,
        MaxTokens = 8,
        Expert = TinyMiniature.Policy,
        Morl = TinyMiniature.Policy,
    };

    [Fact]
    public async Task Two_trainings_add_two_experts_and_leave_all_others_and_their_users_answers_as_they_were()
    {
        var folder = miniature.NewOut();
        var summary = await RunAsync(folder);
        Assert.True(summary.Checks[0].Holds, summary.Checks[0].Found);
        Assert.Equal("7 of 7 hashes equal", summary.Checks[0].Found);
        Assert.True(summary.Checks[1].Holds, summary.Checks[1].Found);
        using var results = JsonDocument.Parse(await ReadAsync(folder, "results.json"));
        var found = results.RootElement.GetProperty("results");
        Assert.Equal(["P3C", "P3D"], found.GetProperty("new_experts").EnumerateObject().Select(p => p.Name));
        Assert.Equal(16, found.GetProperty("combinations").GetArrayLength());
        Assert.Contains("| 2 × 3 | 3 |", await ReadAsync(folder, "report.md"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopped_run_ends_with_the_results_of_an_undisturbed_one()
    {
        var undisturbed = miniature.NewOut();
        await RunAsync(undisturbed);
        var folder = miniature.NewOut();
        foreach (var stage in new[] { "train-P3C", "train-P3D" })
        {
            using var stop = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => miniature.RunAsync(
                new ScalingExperiment(quick: Tiny), folder, new StopAt(stage, 1, stop), cancellationToken: stop.Token));
        }

        await RunAsync(folder);
        Assert.Equal(await ReadAsync(undisturbed, "results.json"), await ReadAsync(folder, "results.json"));
    }

    private Task<Miniature.Experiments.ExperimentSummary> RunAsync(string folder) => miniature.RunAsync(
        new ScalingExperiment(quick: Tiny), folder, cancellationToken: TestContext.Current.CancellationToken);

    private static Task<string> ReadAsync(string folder, string name) =>
        File.ReadAllTextAsync(Path.Combine(folder, name), TestContext.Current.CancellationToken);
}
