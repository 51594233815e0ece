using System.Text.Json;
using SoupsActors.Miniature.Experiments.PersonalizedSoups;
using SoupsActors.Miniature.Experiments.Trainings;

namespace SoupsActors.Miniature.Tests.Experiments;

[Collection(TinyMiniature.Tests)]
public sealed class PersonalizedSoupsExperimentTests(TinyMiniature miniature)
{
    private static readonly PersonalizedSoupsOptions Tiny = new()
    {
        Questions = 3,
        MaxTokens = 8,
        Rlhf = TinyMiniature.Policy,
        Morl = TinyMiniature.Policy,
        Multitask = new MultitaskOptions { Steps = 3, Batch = 2, Demonstrations = 8 },
    };

    [Fact]
    public async Task A_run_that_was_stopped_in_every_training_ends_with_the_results_of_an_undisturbed_one()
    {
        var undisturbed = miniature.NewOut();
        var summary = await RunAsync(undisturbed);
        Assert.Equal(5, summary.Checks.Count);

        var folder = miniature.NewOut();
        foreach (var stage in new[] { "train-rlhf", "train-multitask", "train-morl", "answers-soup-factor" })
        {
            using var stop = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => miniature.RunAsync(
                new PersonalizedSoupsExperiment(quick: Tiny),
                folder,
                new StopAt(stage, 1, stop),
                cancellationToken: stop.Token));
        }

        await RunAsync(folder);
        Assert.Equal(await ReadAsync(undisturbed, "results.json"), await ReadAsync(folder, "results.json"));
    }

    [Fact]
    public async Task The_report_compares_all_pairs_counts_trainings_and_shows_samples()
    {
        var folder = miniature.NewOut();
        await RunAsync(folder);
        using var results = JsonDocument.Parse(await ReadAsync(folder, "results.json"));
        var pairs = results.RootElement.GetProperty("results").GetProperty("pairs").EnumerateArray().ToArray();
        // Ten methods make 45 pairs; each is judged by six criteria and in the aggregate.
        Assert.Equal(45 * 7, pairs.Length);
        Assert.All(pairs, p =>
        {
            var count = p.GetProperty("wins").GetInt32() + p.GetProperty("ties").GetInt32() + p.GetProperty("losses")
                .GetInt32();
            var isAggregate = p.GetProperty("criterion").GetString() == "aggregated";
            // A pole is asked for in half of the eight combinations.
            Assert.Equal(isAggregate ? 8 * 3 : 4 * 3, count);
        });

        var report = await ReadAsync(folder, "report.md");
        Assert.Matches(@"\| soups \| 6 \| [1-9]\d* \|", report);
        Assert.Contains("| P-MORL | 1 | 3 | 6 |", report, StringComparison.Ordinal);
        Assert.Contains("### P1B (PhD) + P2B (full) + P3B (unfriendly)", report, StringComparison.Ordinal);
        Assert.Contains("This is the quick form", report, StringComparison.Ordinal);
        foreach (var plot in new[] { "against-base.svg", "mean-win-rate.svg", "curves.svg" })
            Assert.True(File.Exists(Path.Combine(folder, plot)), plot);
    }

    private Task<Miniature.Experiments.ExperimentSummary> RunAsync(string folder) => miniature.RunAsync(
        new PersonalizedSoupsExperiment(quick: Tiny), folder, cancellationToken: TestContext.Current.CancellationToken);

    private static Task<string> ReadAsync(string folder, string name) =>
        File.ReadAllTextAsync(Path.Combine(folder, name), TestContext.Current.CancellationToken);
}
