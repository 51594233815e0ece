using System.Runtime.InteropServices;

namespace SoupsActors.Tensors.Cpu;

/// <summary>Native memory aligned to 64 bytes and cleared; freed when disposed, and only then.</summary>
internal sealed unsafe class CpuStorage(Backend backend, ElementType type, long length) : Storage(backend, type, length)
{
    private void* memory = AlignedMemory.Allocate(length, type);

    /// <summary>The first element.</summary>
    public void* Pointer => memory is not null ? memory : throw new ObjectDisposedException(nameof(Storage));

    protected override void Dispose(bool disposing)
    {
        NativeMemory.AlignedFree(memory);
        memory = null;
    }
}

/// <summary>A weight matrix in panels of output columns, see <see cref="PanelProduct{V}"/>.</summary>
internal sealed unsafe class CpuPackedMatrix(Backend backend, int outputs, int inputs, ElementType type, int width)
    : PackedMatrix(outputs, inputs, type)
{
    private void* memory =
        AlignedMemory.Allocate((long)Tensors.Cpu.Panels.Count(outputs, width) * width * inputs, type);

    /// <summary>The backend that packed the matrix; another may use panels of another width.</summary>
    public Backend Backend { get; } = backend;

    public void* Panels => memory is not null ? memory : throw new ObjectDisposedException(nameof(PackedMatrix));

    protected override void Dispose(bool disposing)
    {
        NativeMemory.AlignedFree(memory);
        memory = null;
    }
}

/// <summary>
/// Keys and values in blocks. Within a block and a head keys are laid out d × tokens, so that one register holds one
/// number of many keys, and values tokens × d.
/// </summary>
internal sealed unsafe class CpuKvCache : KvCache
{
    private float* keys;
    private float* values;

    public CpuKvCache(Backend backend, KvCacheShape shape)
        : base(shape)
    {
        if (shape.Layers <= 0 || shape.Blocks < 0 || shape.BlockTokens <= 0 || shape.KvHeads <= 0
            || shape.HeadSize <= 0)
        {
            throw new ArgumentException($"A key/value cache cannot have the shape {shape}.", nameof(shape));
        }

        Backend = backend;
        var length = shape.Layers * LayerLength;
        keys = (float*)AlignedMemory.Allocate(length, ElementType.Float32);
        values = (float*)AlignedMemory.Allocate(length, ElementType.Float32);
    }

    public Backend Backend { get; }

    /// <summary>Numbers of one head of one block.</summary>
    public int TileLength => Shape.BlockTokens * Shape.HeadSize;

    private long LayerLength => (long)Shape.Blocks * Shape.KvHeads * TileLength;

    public float* Keys(int layer) => Check(keys) + layer * LayerLength;

    public float* Values(int layer) => Check(values) + layer * LayerLength;

    protected override void Dispose(bool disposing)
    {
        NativeMemory.AlignedFree(keys);
        NativeMemory.AlignedFree(values);
        keys = values = null;
    }

    private static float* Check(float* memory) =>
        memory is not null ? memory : throw new ObjectDisposedException(nameof(KvCache));
}

internal static unsafe class AlignedMemory
{
    private const int Alignment = 64;

    public static void* Allocate(long length, ElementType type)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var bytes = Math.Max((nuint)length * (nuint)(type == ElementType.Float32 ? 4 : 2), Alignment);
        var memory = NativeMemory.AlignedAlloc(bytes, Alignment);
        NativeMemory.Clear(memory, bytes);
        return memory;
    }
}
