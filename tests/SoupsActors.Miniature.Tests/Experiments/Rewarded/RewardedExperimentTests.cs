using System.Text.Json;
using System.Xml.Linq;
using SoupsActors.Miniature.Experiments.Rewarded;
using SoupsActors.Miniature.Experiments.Trainings;

namespace SoupsActors.Miniature.Tests.Experiments.Rewarded;

[Collection(TinyMiniature.Tests)]
public sealed class RewardedExperimentTests(TinyMiniature miniature)
{
    private static readonly RewardedExperiment Tiny = new(new RewardedSettings
    {
        Training = TinyMiniature.Policy,
        Questions = 3,
        KnownQuestions = 2,
        AnswersPerQuestion = 2,
        Divisions = 3,
        SimplexDivisions = 2,
        Mixtures = [0.5],
        ScoredSamples = 8,
        HiddenUsers = 5,
    });

    [Fact]
    public async Task It_runs_from_trainings_to_report_and_goes_on_where_it_was_stopped()
    {
        var whole = miniature.NewOut();
        var summary = await miniature.RunAsync(Tiny, whole, cancellationToken: Cancellation);
        string[] plots = ["front.svg", "sweep.svg", "margins.svg", "simplex.svg", "trainings.svg"];
        Assert.All(plots, p => XDocument.Load(Path.Combine(whole, p)));
        var file = await File.ReadAllBytesAsync(Path.Combine(whole, "results.json"), Cancellation);
        using var results = JsonDocument.Parse(file);
        var found = results.RootElement.GetProperty("results");
        Assert.Equal(5, found.GetProperty("connectivity").GetArrayLength());
        Assert.Equal(2, found.GetProperty("points").GetInt32());
        Assert.Equal(6, found.GetProperty("simplex").GetProperty("points").GetArrayLength());
        var soups = found.GetProperty("front").GetProperty("soups");
        Assert.Equal(4, soups.GetArrayLength());
        var judged = soups.EnumerateArray().SelectMany(s => s.GetProperty("means").EnumerateArray().Skip(2));
        Assert.All(judged, share => Assert.InRange(share.GetDouble(), 0, 1));
        Assert.Contains(summary.Checks, c => c.Holds && c.Claim.Contains("published", StringComparison.Ordinal));
        Assert.Contains(summary.Checks, c => c.Found.StartsWith("answers equal", StringComparison.Ordinal));

        var folder = miniature.NewOut();
        using (var stop = new CancellationTokenSource())
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                miniature.RunAsync(Tiny, folder, new StopAt("morl-0.50", 2, stop), cancellationToken: stop.Token));
        }

        await miniature.RunAsync(Tiny, folder, cancellationToken: Cancellation);
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
        });
    }

    [Fact]
    public void Mixtures_are_trained_with_the_budget_and_the_settings_of_the_packages_experts()
    {
        var ofAnExpert = new PolicyTrainingOptions { Steps = PolicyTrainingOptions.StepsOfAnExpert };

        Assert.All(
            [RewardedSettings.Quick, RewardedSettings.Full],
            s => Assert.Equal(ofAnExpert, s.Training));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
