namespace SoupsActors.Simulation.Events;

/// <summary>Some of the numbers 0 … n−1 in the order of their last use; every operation takes constant time.</summary>
internal sealed class RecencyList
{
    private const int Absent = -1;

    // A ring through one more node, which stands before the oldest and after the newest.
    private readonly int[] before;
    private readonly int[] after;
    private readonly int end;

    public RecencyList(int size)
    {
        before = new int[size + 1];
        after = new int[size + 1];
        end = size;
        Array.Fill(before, Absent);
        (before[end], after[end]) = (end, end);
    }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a number is in the list.</summary>
    public bool Contains(int item) => before[item] != Absent;

    /// <summary>The one used the longest ago.</summary>
    /// <exception cref="InvalidOperationException">The list is empty.</exception>
    public int Oldest => Count > 0 ? after[end] : throw new InvalidOperationException("The list is empty.");

    /// <summary>Makes a number the newest; it may be in the list already.</summary>
    public void Touch(int item)
    {
        Remove(item);
        (before[item], after[item]) = (before[end], end);
        after[before[end]] = item;
        before[end] = item;
        Count++;
    }

    /// <summary>Takes a number out, if it is there.</summary>
    public bool Remove(int item)
    {
        if (!Contains(item))
            return false;
        after[before[item]] = after[item];
        before[after[item]] = before[item];
        before[item] = Absent;
        Count--;
        return true;
    }
}
