using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Judging;

namespace SoupsActors.Learning.Tests.Judging;

public sealed class StatisticsTests
{
    [Fact]
    public void Win_rates_are_reported_with_ties_left_out_and_with_ties_as_halves()
    {
        var result = new WinTieLoss(Wins: 6, Ties: 4, Losses: 2);
        Assert.Equal(12, result.Count);
        Assert.Equal(0.75, result.WinRate);
        Assert.Equal(8.0 / 12, result.WinRateWithTies, 12);
        Assert.Equal(0.25, result.Reversed.WinRate);
        Assert.True(double.IsNaN(new WinTieLoss(0, 5, 0).WinRate));
    }

    [Theory] // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Wilson_intervals_equal_published_values(double successes, int trials, double lower, double upper)
    {
        var interval = ConfidenceInterval.Wilson(successes, trials);
        Assert.Equal(lower, interval.Lower, 4);
        Assert.Equal(upper, interval.Upper, 4);
    }

    [Fact]
    public void Wilson_intervals_hold_the_share_shrink_with_trials_and_mirror_with_sides() =>
        Prop.ForAll(
            Gen.Choose(1, 200).SelectMany(n => Gen.Choose(0, n).Select(k => (k, n))).ToArbitrary(),
            pair =>
            {
                var (k, n) = pair;
                var interval = ConfidenceInterval.Wilson(k, n);
                var more = ConfidenceInterval.Wilson(4.0 * k, 4 * n);
                var mirrored = ConfidenceInterval.Wilson(n - k, n);
                return interval.Lower <= (double)k / n && (double)k / n <= interval.Upper
                    && interval is { Lower: >= 0, Upper: <= 1 }
                    && more.Upper - more.Lower < interval.Upper - interval.Lower
                    && Math.Abs(mirrored.Lower - (1 - interval.Upper)) < 1e-12;
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_trials_say_nothing_about_the_share() =>
        Assert.Equal(new ConfidenceInterval(0, 1), ConfidenceInterval.Wilson(0, 0));

    [Fact]
    public void Asking_again_about_the_same_prompts_makes_an_interval_no_narrower()
    {
        // Two of three prompts are won, each 21 times.
        var often = ConfidenceInterval.OfGroups(new(21, 0, 0), new(21, 1, 0), new(0, 0, 21));
        Assert.Equal(ConfidenceInterval.Wilson(2, 3), often, Near);
        Assert.True(ConfidenceInterval.Wilson(42, 63).Lower > 0.5 && often.Lower < 0.3);
    }

    [Fact]
    public void Groups_of_one_are_trials_and_undecided_ones_say_nothing()
    {
        WinTieLoss[] single = [new(1, 0, 0), new(1, 0, 0), new(0, 0, 1), new(0, 1, 0)];
        Assert.Equal(ConfidenceInterval.Wilson(2, 3), ConfidenceInterval.OfGroups(single), Near);
        Assert.Equal(new ConfidenceInterval(0, 1), ConfidenceInterval.OfGroups(new WinTieLoss(0, 9, 0)));
    }

    [Fact]
    public void Groups_give_an_interval_between_that_of_all_trials_and_that_of_the_largest_group_alone() =>
        Prop.ForAll(
            Gen.Choose(0, 9).Zip(Gen.Choose(0, 9), (w, l) => new WinTieLoss(w, 0, l)).NonEmptyListOf().ToArbitrary(),
            groups =>
            {
                var all = groups.Aggregate((a, b) => a + b);
                if (all.Wins + all.Losses == 0)
                    return true;
                var (wide, narrow) = (ConfidenceInterval.OfGroups(groups), all.WinRateInterval);
                return wide.Lower <= all.WinRate && all.WinRate <= wide.Upper
                    && wide.Lower <= narrow.Lower + 1e-12 && narrow.Upper <= wide.Upper + 1e-12;
            }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.2, 1)]
    [InlineData(0.5, 4)]
    [InlineData(0.9, 35)]
    public void Trials_needed_to_exceed_a_share_are_as_few_as_do(double share, int trials)
    {
        Assert.Equal(trials, ConfidenceInterval.TrialsToExceed(share));
        Assert.True(ConfidenceInterval.Wilson(trials, trials).Lower > share);
        Assert.False(ConfidenceInterval.Wilson(trials - 1, trials - 1).Lower > share);
    }

    private static bool Near(ConfidenceInterval a, ConfidenceInterval b) =>
        Math.Abs(a.Lower - b.Lower) < 1e-12 && Math.Abs(a.Upper - b.Upper) < 1e-12;

    [Theory]
    [InlineData(Judgement.Win, Judgement.Win, Judgement.Loss, Judgement.Win)]
    [InlineData(Judgement.Win, Judgement.Tie, Judgement.Loss, Judgement.Tie)]
    [InlineData(Judgement.Tie, Judgement.Tie, Judgement.Loss, Judgement.Loss)]
    public void Aggregated_judgement_is_the_sign_of_the_sum(Judgement a, Judgement b, Judgement c, Judgement expected)
    {
        Assert.Equal(expected, Judgements.Aggregate([a, b, c]));
        Assert.Equal(expected.Reversed(), Judgements.Aggregate([a.Reversed(), b.Reversed(), c.Reversed()]));
    }
}
