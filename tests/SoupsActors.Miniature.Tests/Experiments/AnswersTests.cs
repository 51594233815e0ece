using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning;
using SoupsActors.Learning.Judging;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Experiments.Answers;
using SoupsActors.Miniature.Judges;
using SoupsActors.Models.Training;

namespace SoupsActors.Miniature.Tests.Experiments;

[Collection(TinyMiniature.Tests)]
public sealed class AnswersTests(TinyMiniature miniature)
{
    [Fact]
    public void Fifty_different_questions_about_held_out_topics_begin_with_the_evaluation_forms()
    {
        var corpus = CorpusGenerator.Default;
        var questions = HeldOutQuestions.Take(corpus, 50);
        Assert.Equal(50, questions.Select(q => q.Text).Distinct().Count());
        Assert.All(questions, q => Assert.True(q.Topic.IsHeldOut));
        Assert.All(questions.Take(32), q => Assert.Contains(q.Form, QuestionForm.Evaluation));
        Assert.Equal(corpus.Topics.HeldOut.Count, questions.Select(q => q.Topic.Id).Distinct().Count());
        Assert.Throws<ArgumentOutOfRangeException>(() => HeldOutQuestions.Take(corpus, 100_000));
    }

    [Fact]
    public void A_mean_win_rate_lies_in_its_interval_and_between_0_and_1()
    {
        var judgement = Gen.Elements(Judgement.Loss, Judgement.Tie, Judgement.Win);
        var tables = from questions in Gen.Choose(1, 30)
                     from combinations in Gen.Choose(1, 8)
                     from rows in judgement.ArrayOf(questions).ArrayOf(combinations)
                     select rows;
        var config = Config.QuickThrowOnFailure.WithMaxTest(20);
        Prop.ForAll(tables.ToArbitrary(), rows =>
        {
            var mean = MeanWinRate.Of(rows, new Random(1));
            Assert.InRange(mean.Lower, 0, mean.Upper);
            Assert.InRange(mean.Upper, mean.Lower, 1);
            Assert.InRange(mean.Rate, 0, 1);
        }).Check(config);
    }

    [Fact]
    public void Wins_and_losses_alone_make_the_rate_and_ties_one_half()
    {
        Assert.Equal(
            new MeanWinRate(1, 1, 1), MeanWinRate.Of([Rows("WWWW"), Rows("WTTW")], new Random(1)).WithoutTies());
        Assert.Equal(0.5, MeanWinRate.Of([Rows("TTTT")], new Random(1)).Rate);
        Assert.Equal(0.75, MeanWinRate.Of([Rows("WWLL"), Rows("WTTT")], new Random(1)).Rate, 12);
        var wide = MeanWinRate.Of([Rows("WWWWWWLLLL")], new Random(1));
        var narrow = MeanWinRate.Of([Rows(string.Concat(Enumerable.Repeat("WWWWWWLLLL", 20)))], new Random(1));
        Assert.True(narrow.Upper - narrow.Lower < 0.5 * (wide.Upper - wide.Lower));
    }

    [Fact]
    public async Task Likelihood_is_the_base_s_own_whatever_adapter_is_on_and_does_not_depend_on_batches()
    {
        await using var model = LearningModel.Load(miniature.Folder.Base, miniature.Backend);
        var check = new LanguageCheck(model, JudgePanel.Default);
        var question = HeldOutQuestions.Take(CorpusGenerator.Default, 1)[0];
        var items = new[] { "It is water.", "Oh great. It falls down, and then it falls down again.", "Rain." }
            .Select(text => (question, new StoredAnswer(text, Ended: true))).ToArray();
        var tokens = items.Select(i => model.Format.Answer(i.Item2.Text).Length).ToArray();
        var single = items.Select(i => check.Measure("one", [i], TestContext.Current.CancellationToken).LogLikelihood)
            .ToArray();
        var together = check.Measure("all", items, TestContext.Current.CancellationToken);
        Assert.Equal(single.Zip(tokens, (l, n) => l * n).Sum() / tokens.Sum(), together.LogLikelihood, 5);
        Assert.True(together.LogLikelihood < 0);

        var expert = model.LoadExpert(miniature.Folder.Expert("P1A"));
        using var adapter = LoraAdapter.From(miniature.Backend, model.Transformer.Config, expert.Factors, 0);
        model.Transformer.Adapter = adapter;
        var withAdapter = check.Measure("all", items, TestContext.Current.CancellationToken);
        Assert.Equal(together.LogLikelihood, withAdapter.LogLikelihood);
        Assert.Same(adapter, model.Transformer.Adapter);
    }

    [Fact]
    public async Task An_answer_that_was_cut_is_not_charged_for_a_missing_end()
    {
        await using var model = LearningModel.Load(miniature.Folder.Base, miniature.Backend);
        var check = new LanguageCheck(model, JudgePanel.Default);
        var question = HeldOutQuestions.Take(CorpusGenerator.Default, 1)[0];
        var ended = check.Measure(
            "m", [(question, new StoredAnswer("It is water.", true))], TestContext.Current.CancellationToken);
        var cut = check.Measure(
            "m", [(question, new StoredAnswer("It is water.", false))], TestContext.Current.CancellationToken);
        Assert.NotEqual(ended.LogLikelihood, cut.LogLikelihood);
        Assert.Equal(1, ended.Ended);
        Assert.Equal(0, cut.Ended);
    }

    private static Judgement[] Rows(string text) =>
        [.. text.Select(c => c switch { 'W' => Judgement.Win, 'L' => Judgement.Loss, _ => Judgement.Tie })];
}

internal static class MeanWinRateComparison
{
    /// <summary>A resample of ties alone counts one half, which is no matter of the test.</summary>
    public static MeanWinRate WithoutTies(this MeanWinRate mean) => mean with { Lower = Math.Round(mean.Lower) };
}
