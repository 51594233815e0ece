using SoupsActors.Learning.Judging;

namespace SoupsActors.Learning.Tests.Judging;

public sealed class PairwiseTableTests
{
    private static readonly Criterion Longer = new("long", "Choose a response that is longer.");
    private static readonly Criterion Later = new("late", "Choose a response whose first letter comes later.");

    private static readonly MethodAnswers[] Methods =
    [
        new("base", ["a", "zz", "m"]),
        new("expert", ["bbb", "yyy", "m"]),
        new("soup", ["cc", "xx", "a"]),
    ];

    [Fact]
    public async Task Every_pair_is_judged_by_every_criterion_and_aggregated_by_prompt()
    {
        var table = await Judge([Longer, Later]);
        Assert.Equal(new WinTieLoss(2, 1, 0), table.Result("expert", "base", "long"));
        Assert.Equal(new WinTieLoss(0, 1, 2), table.Result("base", "expert", "long"));
        Assert.Equal(new WinTieLoss(1, 1, 1), table.Result("expert", "base", "late"));
        // By prompt: both criteria for the expert; one each, a tie; identical answers, a tie.
        Assert.Equal(new WinTieLoss(1, 2, 0), table.Aggregated("expert", "base"));
        Assert.Equal(3 * 2 * 3, table.Cells.Count());
        Assert.All(table.Cells, cell => Assert.Equal(3, cell.Result.Count));
        Assert.All(table.Cells, cell => Assert.Equal(
            cell.Result.Reversed,
            table.Cells
                .Single(c => (c.Method, c.Opponent, c.Criterion) == (cell.Opponent, cell.Method, cell.Criterion))
                .Result));
    }

    [Fact]
    public async Task Tables_of_several_combinations_add_up()
    {
        var merged = PairwiseTable.Merge([await Judge([Longer]), await Judge([Longer, Later])]);
        Assert.Equal(["long", "late"], merged.Criteria);
        Assert.Equal(new WinTieLoss(4, 2, 0), merged.Result("expert", "base", "long"));
        Assert.Equal(new WinTieLoss(1, 1, 1), merged.Result("expert", "base", "late"));
        Assert.Equal(new WinTieLoss(2, 1, 0) + new WinTieLoss(1, 2, 0), merged.Aggregated("expert", "base"));
    }

    [Fact]
    public async Task Mean_win_rate_is_over_the_opponents()
    {
        var table = await Judge([Longer]);
        // The expert beats the base on both prompts that decide, and the soup on both.
        Assert.Equal(1, table.MeanWinRate("expert"));
        Assert.Equal((1 + 0) / 2.0, table.MeanWinRate("soup"));
    }

    [Fact]
    public async Task Missing_answers_and_unknown_comparisons_are_named()
    {
        var token = TestContext.Current.CancellationToken;
        var missing = await Assert.ThrowsAsync<ArgumentException>(() => PairwiseTable.JudgeAsync(
            new TextJudge(), [Longer], ["1", "2"], [Methods[0], Methods[1]], cancellationToken: token));
        Assert.Contains("base has 3 answers to 2 prompts", missing.Message, StringComparison.Ordinal);
        var table = await Judge([Longer]);
        var unknown = Assert.Throws<ArgumentException>(() => table.Result("base", "other", "long"));
        Assert.Contains("other", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_majority_decides_and_no_majority_is_a_tie()
    {
        IJudge longer = new TextJudge(Longer), later = new TextJudge(Later);
        var token = TestContext.Current.CancellationToken;
        var three = new MajorityJudge([longer, later, longer]);
        var two = new MajorityJudge([longer, later]);
        Assert.Equal(Judgement.Win, await three.CompareAsync(Longer, "", "aa", "b", token));
        Assert.Equal(Judgement.Tie, await two.CompareAsync(Longer, "", "aa", "b", token));
    }

    private static Task<PairwiseTable> Judge(Criterion[] criteria) => PairwiseTable.JudgeAsync(
        new TextJudge(), criteria, ["1", "2", "3"], Methods, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Compares lengths or first letters.</summary>
    private sealed class TextJudge(Criterion? always = null) : IJudge
    {
        public string Id => "text";

        public Task<Judgement> CompareAsync(
            Criterion criterion,
            string prompt,
            string answerA,
            string answerB,
            CancellationToken cancellationToken = default) =>
            Task.FromResult((Judgement)Math.Sign((always ?? criterion) == Longer
                ? answerA.Length - answerB.Length
                : answerA[0] - answerB[0]));
    }
}
