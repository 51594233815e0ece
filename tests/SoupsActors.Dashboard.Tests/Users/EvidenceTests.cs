using SoupsActors.Dashboard.Data.Mixes;
using SoupsActors.Dashboard.Data.Users;
using SoupsActors.Feedback;
using SoupsActors.Judging;
using SoupsActors.Preferences;

namespace SoupsActors.Dashboard.Tests.Users;

public sealed class EvidenceTests
{
    private static readonly Preference[] Preferences =
    [
        new("P2A", "informativeness", "concise", "", "", "P2A"), new("P2B", "informativeness", "full", "", "", "P2B"),
        new("P3A", "style", "friendly", "", "", "P3A"),
    ];

    [Fact]
    public void comparisons_are_counted_by_who_met_it_more()
    {
        var evidence = MixEvidence.Weigh(
            [Pair(2, 1), Pair(2, 1), Pair(1, 2), Pair(1, 1)], Preferences);
        var concise = evidence.Criteria.Single(c => c.Preference.Id == "P2A");
        Assert.Equal((2, 1, 1), (concise.More, concise.Less, concise.Equal));
        Assert.Equal(1 / 3.0, concise.Lean, 9);
        Assert.Equal(("rules", 4), (evidence.Judge, evidence.Pairs));
        Assert.DoesNotContain(evidence.Criteria, c => c.Preference.Id == "P3A");
    }

    [Fact]
    public void a_clear_lean_becomes_a_suggestion_and_the_rest_of_the_mix_stays()
    {
        var evidence = MixEvidence.Weigh([.. Enumerable.Repeat(Pair(2, 1), 9), Pair(1, 2)], Preferences);
        var mix = evidence.Suggest(
            new Dictionary<string, double> { ["P2B"] = 1, ["P3A"] = 0.4 }, MixDimension.Of(Preferences));
        Assert.Equal(new Dictionary<string, double> { ["P2A"] = 0.8, ["P3A"] = 0.4 }, mix);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(6, 5)]
    public void few_or_even_comparisons_suggest_nothing(int more, int less)
    {
        var evidence = MixEvidence.Weigh(
            [.. Enumerable.Repeat(Pair(2, 1), more), .. Enumerable.Repeat(Pair(1, 2), less)], Preferences);
        Assert.Empty(evidence.Suggest(new Dictionary<string, double>(), MixDimension.Of(Preferences)));
    }

    [Fact]
    public void without_a_judge_there_is_no_evidence()
    {
        var evidence = MixEvidence.Weigh([(new AnswerScores(null, 3, []), new AnswerScores(null, 4, []))], Preferences);
        Assert.Equal((null, 1), (evidence.Judge, evidence.Pairs));
        Assert.Empty(evidence.Criteria);
    }

    [Fact]
    public void feedback_is_told_in_words_and_shortened_between_characters()
    {
        var better = new PairFeedback(FeedbackAnswer.Of("Short."), FeedbackAnswer.Of("Long."))
        {
            Prompt = [new("user", "Why?")],
        };
        var pair = new StoredFeedback(1, default, better);
        Assert.Equal("Preferred “Short.” to “Long.”", FeedbackText.Describe(pair));
        Assert.Equal("Why?", FeedbackText.Question(pair));
        var thumb = new StoredFeedback(2, default, new ReactionFeedback(Thumb.Down) { Interaction = "x" });
        Assert.Equal("Thumb down for an answer whose text is not kept", FeedbackText.Describe(thumb));
        Assert.Equal("ab…", FeedbackText.Shorten("ab😀cd", 3));
    }

    private static (AnswerScores Chosen, AnswerScores Rejected) Pair(double chosen, double rejected) =>
        (Scores(chosen), Scores(rejected));

    private static AnswerScores Scores(double concise) => new(
        "rules", 10, [new CriterionScore("P2A", concise, null), new CriterionScore("P2B", -concise, null)]);
}
