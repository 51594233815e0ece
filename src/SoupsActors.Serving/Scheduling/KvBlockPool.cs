namespace SoupsActors.Serving.Scheduling;

/// <summary>Who may write where in the key/value cache: every block has at most one owner.</summary>
internal sealed class KvBlockPool
{
    private readonly int[] free;
    private readonly bool[] rented;

    public KvBlockPool(int blockCount)
    {
        free = new int[blockCount];
        rented = new bool[blockCount];
        // A stack with block 0 on top.
        for (var i = 0; i < blockCount; i++)
            free[i] = blockCount - 1 - i;
        FreeCount = blockCount;
    }

    public int FreeCount { get; private set; }

    public int Count => free.Length;

    /// <summary>Takes as many blocks as asked, or none.</summary>
    public bool TryRent(int count, out int[] blocks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > FreeCount)
        {
            blocks = [];
            return false;
        }

        blocks = new int[count];
        for (var i = 0; i < count; i++)
        {
            blocks[i] = free[--FreeCount];
            rented[blocks[i]] = true;
        }

        return true;
    }

    /// <exception cref="InvalidOperationException">A block is not rented: it would soon have two owners.</exception>
    public void Return(ReadOnlySpan<int> blocks)
    {
        foreach (var block in blocks)
        {
            if (!rented[block])
                throw new InvalidOperationException($"Cache block {block} is returned but not rented.");
            rented[block] = false;
            free[FreeCount++] = block;
        }
    }
}
