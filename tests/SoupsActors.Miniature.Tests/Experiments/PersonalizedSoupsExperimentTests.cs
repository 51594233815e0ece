using System.Text.Json;
using SoupsActors.Learning.Rewards;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Experiments.PersonalizedSoups;
using SoupsActors.Miniature.Experiments.Trainings;
using SoupsActors.Miniature.Judges;
using SoupsActors.Miniature.Recipe;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;

namespace SoupsActors.Miniature.Tests.Experiments;

[Collection(TinyMiniature.Tests)]
public sealed class PersonalizedSoupsExperimentTests(TinyMiniature miniature)
{
    private static readonly PersonalizedSoupsOptions Tiny = new()
    {
        Questions = 3,
        MaxTokens = 8,
        General = new GeneralRewardOptions
        {
            Questions = 6,
            HeldOutQuestions = 3,
            AnswersPerQuestion = 4,
            Steps = 3,
            Batch = 2,
            Rank = 2,
            AnswersFromCorpus = true,
        },
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
        string[] stages =
            ["train-general-reward", "train-rlhf", "train-multitask", "train-morl", "answers-soup-factor"];
        foreach (var stage in stages)
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
        Assert.Matches(@"\| soups \| 6 \| 6 \| [1-9]\d* \|", report);
        Assert.Contains("| RLHF | 1 | 1 | 3 | 6 |", report, StringComparison.Ordinal);
        Assert.Contains("| P-MORL | 1 | 6 | 3 | 6 |", report, StringComparison.Ordinal);
        Assert.Contains("### P1B (PhD) + P2B (full) + P3B (unfriendly)", report, StringComparison.Ordinal);
        Assert.Contains("This is the quick form", report, StringComparison.Ordinal);
        foreach (var plot in new[] { "against-base.svg", "mean-win-rate.svg", "curves.svg" })
            Assert.True(File.Exists(Path.Combine(folder, plot)), plot);
    }

    /// <summary>The rule only labels: what plain RLHF earns is what a model learnt from the labels.</summary>
    [Fact]
    public async Task Plain_rlhf_learns_from_a_reward_model_as_the_other_methods_do()
    {
        var folder = miniature.NewOut();
        await RunAsync(folder);
        using var weights = ModelWeights.Load(miniature.Folder.Base);
        var trained = Path.Combine(folder, "work", "experts", "train-rlhf");
        var expert = AdapterFolder.Load(trained, weights.Config, weights.BaseHash).Expert;
        Assert.StartsWith("reward:", expert.Provenance.RewardId, StringComparison.Ordinal);
        var card = RewardModel.ReadCard(Path.Combine(folder, "work", "rewards", "train-general-reward"));
        Assert.True(card.TrainingPairs > 0);
        Assert.NotNull(card.HeldOutAccuracy);
        Assert.Contains("The general reward model", await ReadAsync(folder, "report.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_answers_the_one_with_more_true_statements_is_called_better_and_ties_are_left_out()
    {
        var topic = CorpusGenerator.Default.Topics.Training[0];
        string[] facts = [.. topic.Child.Take(2)];
        PooledAnswer[] pool =
        [
            new(topic.Id, "What?", facts[0]),
            new(topic.Id, "What?", string.Join(' ', facts)),
            new(topic.Id, "What?", facts[1]),
            new(topic.Id, "Why?", facts[0]),
        ];
        var pairs = GeneralRewardModel.Compare(pool, JudgePanel.Default, 9, new Random(1)).ToArray();
        Assert.Equal(2, pairs.Length);
        Assert.All(pairs, p => Assert.Equal((pool[1].Answer, "What?"), (p.Chosen, p.Prompt)));
        Assert.Single(GeneralRewardModel.Compare(pool, JudgePanel.Default, 1, new Random(1)));
    }

    private Task<Miniature.Experiments.ExperimentSummary> RunAsync(string folder) => miniature.RunAsync(
        new PersonalizedSoupsExperiment(quick: Tiny), folder, cancellationToken: TestContext.Current.CancellationToken);

    private static Task<string> ReadAsync(string folder, string name) =>
        File.ReadAllTextAsync(Path.Combine(folder, name), TestContext.Current.CancellationToken);
}
