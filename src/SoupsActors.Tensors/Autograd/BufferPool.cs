namespace SoupsActors.Tensors;

/// <summary>
/// Device memory that is lent out and taken back, so that a training step allocates nothing once its shapes have been
/// seen. Lengths are rounded up to eighths of a power of two, which keeps the waste under 13 % and the reuse high.
/// </summary>
/// <remarks>
/// Batches of ever other sizes would each keep memory of their own. So where no buffer of a length is free, one up to
/// twice as long is lent; and before the pool grows past twice what was ever lent at once, free buffers are given up.
/// Not safe for concurrent use.
/// </remarks>
public sealed class BufferPool(Backend backend) : IDisposable
{
    private readonly Dictionary<long, Stack<Storage>> free = [];
    private readonly HashSet<Storage> all = [];
    private long lent;
    private long mostLent;

    /// <summary>The device that holds the buffers.</summary>
    public Backend Backend { get; } = backend;

    /// <summary>Bytes held of the device, lent out or not.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>A storage of at least <paramref name="length"/> fp32 elements with unspecified content.</summary>
    public Storage Rent(long length)
    {
        var storage = Find(RoundUp(length)) ?? Allocate(RoundUp(length));
        lent += storage.Length * sizeof(float);
        mostLent = Math.Max(mostLent, lent);
        return storage;
    }

    /// <summary>Takes back a storage that <see cref="Rent"/> gave.</summary>
    public void Return(Storage storage)
    {
        lent -= storage.Length * sizeof(float);
        if (!free.TryGetValue(storage.Length, out var stack))
            free[storage.Length] = stack = [];
        stack.Push(storage);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var storage in all)
            storage.Dispose();
        all.Clear();
        free.Clear();
    }

    private Storage? Find(long capacity)
    {
        for (var fitting = capacity; fitting <= 2 * capacity; fitting = RoundUp(fitting + 1))
        {
            if (free.TryGetValue(fitting, out var stack) && stack.TryPop(out var storage))
                return storage;
        }

        return null;
    }

    private Storage Allocate(long capacity)
    {
        var bytes = capacity * sizeof(float);
        while (AllocatedBytes + bytes > 2 * Math.Max(mostLent, lent + bytes) && GiveUpOne())
        {
        }

        var storage = Backend.Allocate(capacity);
        all.Add(storage);
        AllocatedBytes += bytes;
        return storage;
    }

    /// <summary>Frees a buffer of the length that holds most free memory.</summary>
    private bool GiveUpOne()
    {
        if (free.Values.Where(stack => stack.Count > 0).MaxBy(stack => stack.Count * stack.Peek().Length) is not { } stack)
            return false;
        var storage = stack.Pop();
        all.Remove(storage);
        AllocatedBytes -= storage.Length * sizeof(float);
        storage.Dispose();
        return true;
    }

    internal static long RoundUp(long length)
    {
        const long Smallest = 64;
        if (length <= Smallest)
            return Smallest;
        var step = (long)(System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)length) / 16);
        return (length + step - 1) / step * step;
    }
}
