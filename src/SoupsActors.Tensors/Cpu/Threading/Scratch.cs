namespace SoupsActors.Tensors.Cpu;

/// <summary>Each thread's working memory: grows to what its kernels need and goes with the thread.</summary>
internal static unsafe class Scratch
{
    private const int Alignment = 64;

    [ThreadStatic]
    private static float[]?[]? buffers;

    /// <summary>
    /// At least <paramref name="length"/> numbers, aligned to 64 bytes and not cleared, valid until this thread asks for
    /// the same <paramref name="slot"/> again.
    /// </summary>
    public static float* Get(ScratchSlot slot, long length)
    {
        buffers ??= new float[]?[Enum.GetValues<ScratchSlot>().Length];
        ref var buffer = ref buffers[(int)slot];
        if (buffer is null || buffer.Length < length + Alignment / sizeof(float))
            buffer = Grow(length);

        // The array is pinned for life, so its address holds as long as the thread keeps it.
        fixed (float* start = buffer)
            return (float*)(((nint)start + Alignment - 1) & -Alignment);
    }

    private static float[] Grow(long length)
    {
        var rounded = Math.Max(1024, length + length / 4);
        return GC.AllocateUninitializedArray<float>(checked((int)rounded) + Alignment / sizeof(float), pinned: true);
    }
}

/// <summary>The buffers of a thread; nested kernels use different ones.</summary>
internal enum ScratchSlot
{
    /// <summary>The right operand of a product, in panels.</summary>
    Panels,

    /// <summary>The left operand of a product, transposed.</summary>
    Rows,

    /// <summary>Scores or probabilities of attention.</summary>
    Scores,

    /// <summary>A panel converted from a shorter element type.</summary>
    Converted,
}
