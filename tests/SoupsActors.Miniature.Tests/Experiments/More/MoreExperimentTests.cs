using System.Text.Json;
using System.Text.Json.Nodes;
using SoupsActors.Miniature.Experiments;
using SoupsActors.Miniature.Experiments.More;
using SoupsActors.Testing;

namespace SoupsActors.Miniature.Tests.Experiments.More;

[Collection(TinyMiniature.Tests)]
public sealed class MoreExperimentTests(TinyMiniature miniature)
{
    private static readonly MoreSettings Small = new()
    {
        Problems = 2,
        Sizes = [120, 60, 30],
        Features = 6,
        HeldOut = 200,
        Steps = 40,
        BatchPerSource = 4,
        LearningRate = 0.05,
        Splits = 2,
        TextFeatures = 8,
        TextSteps = 30,
    };

    [Fact]
    public async Task Every_scheme_is_reported_and_the_missing_files_are_named()
    {
        var (summary, report) = await RunAsync(data: null);
        foreach (var scheme in new[] { "mixing", "MORE", "sequential, largest first", "sequential, smallest first", "averaging", "single" })
            Assert.Contains(scheme, report, StringComparison.Ordinal);
        Assert.Contains("skipped", report, StringComparison.Ordinal);
        Assert.Contains(summary.Checks, c => c.Claim.Contains("simplex", StringComparison.Ordinal) && c.Holds);
        var folder = Path.GetDirectoryName(summary.Report)!;
        Assert.True(File.Exists(Path.Combine(folder, "lambda.svg")));
        Assert.True(File.Exists(Path.Combine(folder, "reliability.svg")));
    }

    [Fact]
    public async Task The_bins_of_every_scheme_give_its_calibration()
    {
        var (summary, _) = await RunAsync(data: null);
        var results = JsonNode.Parse(await File.ReadAllTextAsync(
            Path.Combine(Path.GetDirectoryName(summary.Report)!, "results.json"), Cancellation))!;
        var schemes = results["results"]!["shared"]!.AsArray();
        Assert.NotEmpty(schemes);
        foreach (var scheme in schemes)
        {
            var bins = scheme!["bins"]!.AsArray();
            Assert.Equal(10, bins.Count);
            var predictions = bins.Sum(b => (int)b!["count"]!);
            Assert.Equal(0, predictions % (2 * Small.HeldOut * Small.Problems));

            // Errors of opposite sign in two problems cancel in the pool, so the pool's error is at most the mean.
            var pooled = bins.Sum(b => (int)b!["count"]! * Math.Abs((double)b["confidence"]! - (double)b["accuracy"]!));
            Assert.InRange(pooled / predictions, 0, (double)scheme["calibration_error"]!["mean"]! + 1e-9);
        }
    }

    [Fact]
    public async Task Rewards_are_described_for_every_data_set()
    {
        var (summary, report) = await RunAsync(data: null);
        Assert.Contains("| MORE | 3 (30 comparisons) |", report, StringComparison.Ordinal);
        Assert.Contains("| mixing | 1 (120 comparisons) |", report, StringComparison.Ordinal);
        var results = JsonNode.Parse(await File.ReadAllTextAsync(
            Path.Combine(Path.GetDirectoryName(summary.Report)!, "results.json"), Cancellation))!;
        var sources = results["results"]!["sources"]!.AsArray();
        // Three data sets under each of the six schemes that make one model.
        Assert.Equal(18, sources.Count);
        Assert.All(sources, source =>
        {
            Assert.True((double)source!["standard_deviation"]! > 0);
            var quantiles = source["quantiles"]!.AsArray().Select(q => (double)q!).ToArray();
            Assert.Equal(quantiles.Order(), quantiles);
        });
    }

    [Fact]
    public void A_stage_that_was_stored_before_bins_were_kept_is_summed_up_without_them()
    {
        var old = JsonSerializer.Deserialize<SchemeResult>(
            """{ "scheme": "MORE", "test": "shared", "accuracy": 0.7, "calibration_error": 0.02 }""",
            ExperimentJson.Options)!;
        var summary = Assert.Single(SchemeSummary.Of([old]));
        Assert.Null(summary.Bins);
        var report = new ExperimentReport();
        SchemeSummary.PlotReliability(report, "reliability", summary);
        Assert.Empty(report.Plots);
    }

    [Fact]
    public async Task A_run_is_repeated_to_the_bit()
    {
        var (first, _) = await RunAsync(data: null);
        var (second, _) = await RunAsync(data: null);
        Assert.Equal(JsonSerializer.Serialize(first.Headlines), JsonSerializer.Serialize(second.Headlines));
    }

    [Fact]
    public async Task Files_of_personas_are_learned_where_they_are_given()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["a.json"], JsonSerializer.Serialize(Rows("be kind", "dear friend", "no")), Cancellation);
        await File.WriteAllTextAsync(folder["b.json"], JsonSerializer.Serialize(Rows("be curt", "no", "dear friend")), Cancellation);
        var (_, report) = await RunAsync(folder.Path);
        Assert.Contains("2 personas with 12, 12 distinct comparisons", report, StringComparison.Ordinal);
        Assert.Contains("| be kind |", report, StringComparison.Ordinal);
        Assert.DoesNotContain("skipped", report, StringComparison.Ordinal);
    }

    [Fact]
    public void The_files_beside_a_checkout_hold_four_personas()
    {
        var personas = PersonaFiles.Read(SharedData.Require("data/p-soups"));
        Assert.Equal(4, personas.Count);
        Assert.All(personas, p => Assert.True(p.Pairs.Count >= 50));
        Assert.Equal(personas.Select(p => p.Pairs.Count).OrderDescending(), personas.Select(p => p.Pairs.Count));
    }

    [Fact]
    public void A_folder_without_comparisons_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(folder.Path, Assert.Throws<InvalidOperationException>(() => PersonaFiles.Read(folder.Path)).Message, StringComparison.Ordinal);
        File.WriteAllText(folder["a.json"], "[{\"prompt\": 1}]");
        Assert.Contains("a.json", Assert.Throws<InvalidOperationException>(() => PersonaFiles.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_of_a_text_count_words_whatever_their_case_and_punctuation()
    {
        var features = TextProblem.Features("Hello, hello world!", 16);
        Assert.Equal(features, TextProblem.Features("world HELLO hello", 16));
        Assert.Equal(1, features.Take(16).Sum(f => f * f), 1e-5f);
        Assert.Equal(MathF.Log(4) / 4, features[16], 1e-6f);
        Assert.All(TextProblem.Features("", 16), f => Assert.Equal(0, f));
    }

    [Fact]
    public void A_drawn_problem_has_the_shared_preference_it_says()
    {
        var problem = RewardProblem.Draw(Small with { DriftNorm = 0, HeldOut = 50 }, seed: 3);
        Assert.Equal([120, 60, 30], problem.Sources.Select(s => s.Count));
        Assert.Equal((120 + 60 + 30 + 50) * 2 * problem.Features, problem.Table.Length);
        Assert.Equal(problem.Table, RewardProblem.Draw(Small with { DriftNorm = 0, HeldOut = 50 }, seed: 3).Table);
        Assert.NotEqual(problem.Table, RewardProblem.Draw(Small with { DriftNorm = 0, HeldOut = 50 }, seed: 4).Table);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Dictionary<string, object>[] Rows(string persona, string chosen, string rejected) =>
        [.. Enumerable.Range(0, 6).Select(i => new Dictionary<string, object>
        {
            ["prompt"] = $"q{i}",
            ["chosen"] = chosen,
            ["rejected"] = rejected,
            ["ground_truth_persona"] = persona,
            ["Pair-wise Comparative Feedback"] = new[]
            {
                new { prompt = $"n{i}", chosen = chosen + " too", rejected },
                new { prompt = $"n{i}", chosen = chosen + " too", rejected },
            },
        })];

    private async Task<(ExperimentSummary Summary, string Report)> RunAsync(string? data)
    {
        var request = new ExperimentRequest(miniature.NewOut(), Quick: true, 1, miniature.Folder) { Data = data };
        var summary = await ExperimentRunner.RunAsync(
            new MoreExperiment(Small, Small), request, miniature.Backend, cancellationToken: Cancellation);
        return (summary, await File.ReadAllTextAsync(summary.Report, Cancellation));
    }
}
