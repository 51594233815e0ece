namespace SoupsActors.Learning.Training;

/// <summary>
/// An endless order over items, shuffled anew in every epoch. It is a function of the seed and the position, so that a
/// training goes on from its checkpoint without a cursor.
/// </summary>
/// <param name="count">Items, at least 1.</param>
/// <param name="seed">Fixes the order.</param>
internal sealed class EpochOrder(int count, int seed)
{
    // The last two epochs are kept, which is all that a running training asks for.
    private readonly int[][] orders = [[], []];
    private readonly long[] numbers = [-1, -1];

    /// <summary>Index of the item at a position, from 0.</summary>
    public int At(long position)
    {
        var epoch = position / count;
        var slot = epoch % 2;
        if (numbers[slot] != epoch)
        {
            var order = Enumerable.Range(0, count).ToArray();
            // Not System.HashCode, which is another one in every process.
            new Random(unchecked(seed * 1_000_003 + (int)epoch * 7919)).Shuffle(order);
            orders[slot] = order;
            numbers[slot] = epoch;
        }

        return orders[slot][position % count];
    }

    /// <summary>Indices of the items that a step sees, numbered from 1.</summary>
    public IEnumerable<int> Step(int step, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
        var first = (step - 1L) * batch;
        return Enumerable.Range(0, batch).Select(i => At(first + i));
    }
}
