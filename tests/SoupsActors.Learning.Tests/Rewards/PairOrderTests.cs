using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rewards;

namespace SoupsActors.Learning.Tests.Rewards;

public sealed class PairOrderTests
{
    [Fact]
    public void Every_epoch_sees_every_pair_once_and_any_step_can_be_asked_for_alone() => Prop.ForAll(
        Gen.Choose(1, 12).ToArbitrary(), Gen.Choose(1, 7).ToArbitrary(), Gen.Choose(0, 9).ToArbitrary(),
        (count, batch, seed) =>
        {
            var pairs = Pairs(count);
            var steps = 3 * count;
            var order = PairOrder.Mixed(pairs, batch, seed);
            var forwards = Enumerable.Range(1, steps).Select(s => Ids(order(s))).ToArray();
            var backwards = Enumerable.Range(1, steps).Reverse().Select(s => Ids(order(s))).Reverse().ToArray();
            Assert.Equal(forwards, backwards);
            Assert.All(
                forwards.SelectMany(f => f).Chunk(count).Where(c => c.Length == count),
                epoch => Assert.Equal(Enumerable.Range(0, count), epoch.Order()));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Another_seed_is_another_order()
    {
        var pairs = Pairs(30);
        Assert.NotEqual(Ids(PairOrder.Mixed(pairs, 30, 1)(1)), Ids(PairOrder.Mixed(pairs, 30, 2)(1)));
        Assert.NotEqual(Ids(PairOrder.Mixed(pairs, 30, 1)(1)), Ids(PairOrder.Mixed(pairs, 30, 1)(2)));
    }

    [Fact]
    public void Sequential_learning_takes_one_data_set_after_the_other()
    {
        var order = PairOrder.Sequential([Pairs(30), Pairs(10)], batch: 2, steps: 8, seed: 1);
        Assert.Equal([0, 0, 0, 0, 0, 0, 1, 1], Enumerable.Range(1, 8).Select(s => order(s).Select(p => p.Source).Distinct().Single()));
    }

    [Fact]
    public void Balanced_steps_hold_as_many_pairs_of_each_data_set()
    {
        var order = PairOrder.Balanced([Pairs(30), Pairs(4)], batchPerSource: 3, seed: 1);
        Assert.All(Enumerable.Range(1, 9), step =>
            Assert.Equal([3, 3], order(step).GroupBy(p => p.Source).OrderBy(g => g.Key).Select(g => g.Count())));
    }

    [Fact]
    public void Flipping_swaps_the_answers_of_some_pairs()
    {
        var flipped = PairOrder.Flip(Pairs(3), [1, 1]);
        Assert.Equal([false, true, false], flipped.Select(p => p.Chosen[0] < 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => PairOrder.Flip(Pairs(3), [3]));
    }

    [Fact]
    public void No_pairs_are_refused() => Assert.Throws<ArgumentException>(() => PairOrder.Mixed([], 1, 1));

    private static TokenPair[] Pairs(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new TokenPair([], [i], [-1 - i]))];

    private static int[] Ids(IEnumerable<TokenPair> pairs) => [.. pairs.Select(p => p.Chosen[0])];
}
