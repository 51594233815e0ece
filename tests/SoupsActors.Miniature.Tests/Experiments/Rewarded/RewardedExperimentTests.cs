using System.Text.Json;
using System.Xml.Linq;
using SoupsActors.Miniature.Experiments;
using SoupsActors.Miniature.Experiments.Rewarded;

namespace SoupsActors.Miniature.Tests.Experiments.Rewarded;

[Collection(TinyMiniature.Tests)]
public sealed class RewardedExperimentTests(TinyMiniature miniature)
{
    private static readonly RewardedSettings Tiny = new()
    {
        Steps = 2,
        PromptsPerStep = 4,
        MiniBatch = 4,
        MaxTokens = 16,
        Rank = 2,
        Alpha = 4,
        CriticAlpha = 4,
        LearningRate = 0.05,
        Questions = 3,
        AnswersPerQuestion = 4,
        Divisions = 3,
        SimplexDivisions = 2,
        Mixtures = [0.5],
        ScoredSamples = 8,
        HiddenUsers = 5,
    };

    /// <summary>Rewards that random text differs by: the tiny model never learns enough for the judges.</summary>
    private static readonly RewardedCriterion[] Criteria =
    [
        new("vowels", "vowels", answer => answer.Text.Count("aeiou".Contains)),
        new("short", "brevity", answer => -answer.Text.Length),
        new("kinds", "kinds of letters", answer => answer.Text.Distinct().Count()),
    ];

    [Fact]
    public async Task It_runs_from_trainings_to_report_and_goes_on_where_it_was_stopped()
    {
        var whole = miniature.NewOut();
        var summary = await RunAsync(whole, null, Cancellation);
        string[] plots = ["front.svg", "sweep.svg", "margins.svg", "simplex.svg", "trainings.svg"];
        Assert.All(plots, p => XDocument.Load(Path.Combine(whole, p)));
        var file = await File.ReadAllBytesAsync(Path.Combine(whole, "results.json"), Cancellation);
        using var results = JsonDocument.Parse(file);
        var found = results.RootElement.GetProperty("results");
        Assert.Equal(4, found.GetProperty("connectivity").GetArrayLength());
        Assert.Equal(2, found.GetProperty("points").GetInt32());
        Assert.Equal(6, found.GetProperty("simplex").GetProperty("points").GetArrayLength());
        Assert.Equal(4, found.GetProperty("front").GetProperty("soups").GetArrayLength());
        Assert.Contains(summary.Checks, c => c.Holds && c.Claim.Contains("published", StringComparison.Ordinal));
        Assert.Contains(summary.Checks, c => c.Found.StartsWith("answers equal", StringComparison.Ordinal));

        var folder = miniature.NewOut();
        using (var stop = new CancellationTokenSource())
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                RunAsync(folder, new StopAt("morl-0.50", stop), stop.Token));
        }

        await RunAsync(folder, null, Cancellation);
        Assert.Equal(
            file,
            await File.ReadAllBytesAsync(Path.Combine(folder, "results.json"), Cancellation));
    }

    [Fact]
    public void The_published_settings_have_eleven_weights_three_mixtures_and_at_most_32_samples()
    {
        Assert.All([RewardedSettings.Quick, RewardedSettings.Full], s =>
        {
            Assert.Equal(10, s.Divisions);
            Assert.Equal([0.25, 0.5, 0.75], s.Mixtures);
            Assert.InRange(s.ScoredSamples, 1, 32);
            Assert.NotEqual(s.InitSeed, s.OtherInitSeed);
        });
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Task<ExperimentSummary> RunAsync(
        string folder, IProgress<ExperimentProgress>? progress, CancellationToken cancellation) =>
        ExperimentRunner.RunAsync(
            new RewardedExperiment(Tiny, Criteria),
            new ExperimentRequest(folder, Quick: true, Seed: 1, miniature.Folder),
            miniature.Backend,
            progress,
            cancellation);

    private sealed class StopAt(string stage, CancellationTokenSource stop) : IProgress<ExperimentProgress>
    {
        public void Report(ExperimentProgress value)
        {
            if (value.Stage == stage)
                stop.Cancel();
        }
    }
}
