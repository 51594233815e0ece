namespace SoupsActors.Tensors;

/// <summary>
/// Device memory that is lent out and taken back, so that a training step allocates nothing once its shapes have been
/// seen. Lengths are rounded up to eighths of a power of two, which keeps the waste under 13 % and the reuse high.
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
public sealed class BufferPool(Backend backend) : IDisposable
{
    private readonly Dictionary<long, Stack<Storage>> free = [];
    private readonly List<Storage> all = [];

    /// <summary>The device that holds the buffers.</summary>
    public Backend Backend { get; } = backend;

    /// <summary>Bytes taken from the device so far, lent out or not.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>A storage of at least <paramref name="length"/> fp32 elements with unspecified content.</summary>
    public Storage Rent(long length)
    {
        var capacity = RoundUp(length);
        if (free.TryGetValue(capacity, out var stack) && stack.TryPop(out var storage))
            return storage;
        storage = Backend.Allocate(capacity);
        all.Add(storage);
        AllocatedBytes += capacity * sizeof(float);
        return storage;
    }

    /// <summary>Takes back a storage that <see cref="Rent"/> gave.</summary>
    public void Return(Storage storage)
    {
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

    internal static long RoundUp(long length)
    {
        const long Smallest = 64;
        if (length <= Smallest)
            return Smallest;
        var step = (long)(System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)length) / 16);
        return (length + step - 1) / step * step;
    }
}
