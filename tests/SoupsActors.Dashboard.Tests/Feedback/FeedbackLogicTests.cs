using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Dashboard.Data.Feed;
using SoupsActors.Dashboard.Data.Training;
using SoupsActors.Dashboard.Data.Users;
using SoupsActors.Feedback;
using SoupsActors.Generation;
using SoupsActors.Preferences;
using SoupsActors.Trainings;

namespace SoupsActors.Dashboard.Tests.Feedback;

public sealed class FeedbackLogicTests
{
    [Fact]
    public void people_agree_where_they_prefer_the_same_text_whichever_stood_left()
    {
        var agreement = Assert.Single(RaterAgreement.Of(
        [
            Vote("ann", "short", "long"),
            Vote("bob", "short", "long"),
            Vote("cat", "long", "short"),
        ]));
        Assert.Equal(new RaterAgreement("P1A", Pairs: 1, Raters: 3, Same: 1, All: 3), agreement);
    }

    [Fact]
    public void a_tie_is_a_verdict_of_its_own_and_the_last_word_counts()
    {
        FeedbackAnswer[] answers = [FeedbackAnswer.Of("a"), FeedbackAnswer.Of("b")];
        var tied = new RankingFeedback(answers) { User = "bob", Ranks = [1, 1] };
        var tie = FeedbackLine.Of(Stored(tied)).Vote!;
        Assert.Equal(0, tie.Verdict);

        // Newest first: ann has changed her mind to a tie.
        var newest = tie with { Rater = "ann" };
        var agreement = Assert.Single(RaterAgreement.Of([newest, tie, Vote("ann", "a", "b")]));
        Assert.Equal((1, 1), (agreement.Same, agreement.All));
    }

    [Fact]
    public void one_rater_alone_and_other_prompts_are_no_agreement()
    {
        var elsewhere = Pair("ann", "a", "b") with { Prompt = [new ChatMessage("user", "another")] };
        var other = FeedbackLine.Of(Stored(elsewhere)).Vote!;
        Assert.Empty(RaterAgreement.Of([Vote("ann", "a", "b"), Vote("ann", "b", "a"), other with { Rater = "bob" }]));
    }

    [Fact]
    public void the_interval_holds_the_share_and_lies_between_0_and_1() => Prop.ForAll(
        Gen.Choose(1, 500).SelectMany(all => Gen.Choose(0, all).Select(same => (same, all))).ToArbitrary(),
        found =>
        {
            var agreement = new RaterAgreement(null, 1, 2, found.same, found.all);
            var (low, high) = agreement.Interval;
            return 0 <= low && low <= agreement.Share + 1e-12 && agreement.Share <= high + 1e-12 && high <= 1;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void a_line_is_short_however_long_the_texts_are_and_cuts_no_character_in_two()
    {
        var text = new string('x', 119) + "😀" + new string('y', 50_000);
        var line = FeedbackLine.Of(Stored(Pair("ann", text, "b") with { Prompt = [new ChatMessage("user", text)] }));
        Assert.InRange(line.Said.Length, 1, 200);
        Assert.InRange(line.Prompt!.Length, 1, 130);
        Assert.DoesNotContain(line.Prompt, char.IsSurrogate);
    }

    [Fact]
    public void every_kind_of_feedback_has_words()
    {
        FeedbackEvent[] events =
        [
            Pair("u", "a", "b"),
            new RankingFeedback([FeedbackAnswer.Of("a"), FeedbackAnswer.Of("b"), FeedbackAnswer.Of("c")]),
            new ReactionFeedback(Thumb.Down) { Answer = "a" },
            new RatingFeedback(new() { ["helpfulness"] = 4 }) { Answer = "a" },
            new SegmentFeedback(0, 1, "false") { Answer = "a" },
            new CorrectionFeedback("better") { Answer = "a" },
            new OutcomeFeedback("solved", 1) { Answer = "a" },
        ];
        Assert.Equal(
            [
                "Better: “a”", "3 answers in order, best “a”", "Thumb down: “a”", "helpfulness 4 of 5: “a”",
                "A part is “false”: “a”", "Should read “better”", "solved 1: “a”",
            ],
            events.Select(e => FeedbackLine.Of(Stored(e)).Said));
    }

    [Theory]
    [InlineData(null, "best “a”")]
    [InlineData(new[] { 1, 2, 3 }, "best “a”")]
    [InlineData(new[] { 2, 3, 1 }, "best “c”")]
    [InlineData(new[] { 5, 1, 1 }, "best “b” and 1 more")]
    public void a_ranking_names_the_answer_of_least_rank(int[]? ranks, string words)
    {
        var ranking = Stored(Ranking(ranks, "a", "b", "c"));
        Assert.Equal($"3 answers in order, {words}", FeedbackLine.Of(ranking).Said);
        Assert.Equal($"Ranked 3 answers, {words}", FeedbackText.Describe(ranking));
    }

    [Fact]
    public void answers_of_equal_rank_are_a_tie_and_no_preference()
    {
        var tie = Stored(Ranking([1, 1], "a", "b"));
        Assert.Equal("A tie of 2 answers", FeedbackLine.Of(tie).Said);
        Assert.Equal("A tie of 2 answers", FeedbackText.Describe(tie));
    }

    [Fact]
    public void a_plan_makes_the_same_pairs_for_everyone_and_others_for_other_plans()
    {
        var plan = new ComparisonPlan("P1A", "P1A", "hash", ComparedModels.ExpertAndBase, ["one", "two"]);
        var again = plan with { Prompts = ["one", "two"] };
        Assert.Equal(plan.Pair(3).Id, again.Pair(3).Id);
        Assert.Equal(plan.Pair(3).First.Seed, again.Pair(3).First.Seed);
        Assert.Equal(("one", "two", "one"), (plan.Pair(0).Prompt, plan.Pair(1).Prompt, plan.Pair(2).Prompt));
        var ids = Enumerable.Range(0, 6).Select(i => plan.Pair(i).Id)
            .Append((plan with { Version = "other" }).Pair(0).Id)
            .Append((plan with { Models = ComparedModels.ExpertTwice }).Pair(0).Id)
            .ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.NotEqual(plan.Pair(0).First.Interaction, plan.Pair(0).Second.Interaction);
        Assert.Equal((ModelChoice.Expert, ModelChoice.Base), (plan.Pair(0).First.Model, plan.Pair(0).Second.Model));
    }

    [Fact]
    public void sides_are_drawn_for_each_rater_and_pair()
    {
        var plan = new ComparisonPlan("P1A", "P1A", null, ComparedModels.BaseTwice, ["one"]);
        var swapped = Enumerable.Range(0, 400).Count(i => plan.Pair(i).IsSwappedFor("ann"));
        Assert.InRange(swapped, 150, 250);
        Assert.NotEqual(
            Enumerable.Range(0, 50).Select(i => plan.Pair(i).IsSwappedFor("ann")),
            Enumerable.Range(0, 50).Select(i => plan.Pair(i).IsSwappedFor("bob")));
    }

    [Fact]
    public void agreement_with_a_reward_model_is_told_for_trainings_that_have_one()
    {
        var preference = new Preference("P1A", "expertise", "child", "", "", "P1A");
        var training = new TrainingStatus
        {
            Id = "P1A-3",
            Data = new TrainingData("hash", 90, 10, 7),
            Reward = new RewardSummary("reward", 0.8, new() { ["calibration_error"] = 0.05 }),
        };
        var found = RewardAgreement.Of(new TrainingBoard(
        [
            new TrainingCard(preference, training, 100, 0),
            new TrainingCard(preference, training with { Reward = null }, 100, 0),
            new TrainingCard(preference, null, 0, 0),
        ]));
        Assert.Equal([new RewardAgreement("P1A", "P1A-3", 0.8, 10, 0.05)], found);
    }

    private static PairVote Vote(string rater, string chosen, string rejected) =>
        FeedbackLine.Of(Stored(Pair(rater, chosen, rejected))).Vote!;

    private static PairFeedback Pair(string user, string chosen, string rejected) =>
        new(FeedbackAnswer.Of(chosen), FeedbackAnswer.Of(rejected)) { User = user };

    private static RankingFeedback Ranking(int[]? ranks, params string[] answers) =>
        new([.. answers.Select(FeedbackAnswer.Of)]) { Ranks = ranks };

    private static StoredFeedback Stored(FeedbackEvent feedback) => new(1, DateTimeOffset.UnixEpoch, feedback with
    {
        Preference = "P1A",
        Prompt = feedback.Prompt ?? [new ChatMessage("user", "why?")],
    });
}
