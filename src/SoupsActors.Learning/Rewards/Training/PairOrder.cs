using SoupsActors.Learning.Data;
using SoupsActors.Learning.Training;

namespace SoupsActors.Learning.Rewards;

/// <summary>
/// Which pairs a step sees: functions of the step number alone, so that a training goes on from its checkpoint without a
/// cursor. Every epoch is shuffled anew by the seed.
/// </summary>
public static class PairOrder
{
    /// <summary>All pairs shuffled together: one data set, or several mixed.</summary>
    /// <param name="pairs">At least one.</param>
    /// <param name="batch">Pairs of a step, at least 1.</param>
    /// <param name="seed">Fixes the order.</param>
    public static Func<int, IReadOnlyList<TokenPair>> Mixed(IReadOnlyList<TokenPair> pairs, int batch, int seed)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        if (pairs.Count == 0)
            throw new ArgumentException("There are no pairs to learn from.", nameof(pairs));
        var order = new EpochOrder(pairs.Count, seed);
        return step => [.. order.Step(step, batch).Select(i => pairs[i])];
    }

    /// <summary>One data set after the other, each for its share of the steps.</summary>
    /// <param name="sources">The data sets in the order they are learned; their pairs get the index as source.</param>
    /// <param name="batch">Pairs of a step.</param>
    /// <param name="steps">Steps in all; a data set's share is that of its pairs.</param>
    /// <param name="seed">Fixes the order within a data set.</param>
    public static Func<int, IReadOnlyList<TokenPair>> Sequential(
        IReadOnlyList<IReadOnlyList<TokenPair>> sources, int batch, int steps, int seed)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, sources.Count);
        var orders = Tagged(sources).Select((pairs, k) => Mixed(pairs, batch, unchecked(seed + 7919 * k))).ToArray();
        var total = sources.Sum(s => (long)s.Count);
        var ends = new int[sources.Count];
        var sum = 0L;
        for (var k = 0; k < ends.Length; k++)
        {
            sum += sources[k].Count;
            ends[k] = (int)Math.Round(steps * (sum / (double)total));
        }

        return step =>
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
            var k = Math.Min(ends.Count(end => end < step), ends.Length - 1);
            return orders[k](k == 0 ? step : step - ends[k - 1]);
        };
    }

    /// <summary>The same number of pairs from every data set in every step, small ones seen more often, as MORE draws.</summary>
    /// <param name="sources">The data sets; their pairs get the index as source.</param>
    /// <param name="batchPerSource">Pairs of each data set in a step.</param>
    /// <param name="seed">Fixes the order.</param>
    public static Func<int, IReadOnlyList<TokenPair>> Balanced(
        IReadOnlyList<IReadOnlyList<TokenPair>> sources, int batchPerSource, int seed)
    {
        var orders = Tagged(sources)
            .Select((pairs, k) => Mixed(pairs, batchPerSource, unchecked(seed + 7919 * k))).ToArray();
        return step => [.. orders.SelectMany(order => order(step))];
    }

    /// <summary>The data sets with their index as <see cref="TokenPair.Source"/>.</summary>
    public static IReadOnlyList<IReadOnlyList<TokenPair>> Tagged(IReadOnlyList<IReadOnlyList<TokenPair>> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        return [.. sources.Select((pairs, k) => (IReadOnlyList<TokenPair>)[.. pairs.Select(p => p with { Source = k })])];
    }

    /// <summary>Pairs with the labels of some swapped.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="flipped">Indices of those whose answers change places.</param>
    public static IReadOnlyList<TokenPair> Flip(IReadOnlyList<TokenPair> pairs, IEnumerable<int> flipped)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(flipped);
        TokenPair[] copy = [.. pairs];
        foreach (var i in flipped.Distinct())
        {
            if (i < 0 || i >= copy.Length)
                throw new ArgumentOutOfRangeException(nameof(flipped), $"There is no pair {i} of {copy.Length} to flip.");
            copy[i] = copy[i].Flipped();
        }

        return copy;
    }
}
