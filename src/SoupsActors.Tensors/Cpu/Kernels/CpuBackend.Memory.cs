using System.Runtime.CompilerServices;

namespace SoupsActors.Tensors.Cpu;

/// <summary>Every kernel over one kind of register.</summary>
internal sealed unsafe partial class CpuBackend<V>(InstructionSet instructionSet, int threads)
    : CpuBackend(instructionSet, threads)
    where V : unmanaged, ISimd<V>
{
    public override Storage Allocate(long length, ElementType type = ElementType.Float32) =>
        new CpuStorage(this, type, length);

    public override void Upload(ReadOnlySpan<float> source, Storage target, long offset = 0)
    {
        var memory = Run(target, offset, source.Length);
        if (target.Type == ElementType.Float32)
            source.CopyTo(new Span<float>((float*)memory + offset, source.Length));
        else
            Panels.Shorten(source, target.Type, new((ushort*)memory + offset, source.Length));
    }

    public override void Download(Storage source, long offset, Span<float> target)
    {
        var memory = Run(source, offset, target.Length);
        if (source.Type == ElementType.Float32)
            new Span<float>((float*)memory + offset, target.Length).CopyTo(target);
        else
            Panels.Lengthen(new((ushort*)memory + offset, target.Length), source.Type, target);
    }

    public override void Copy(Block x, Block y)
    {
        Arguments.Same(y, x);
        Each(default(Identity), Resolve(y), Resolve(x));
    }

    public override void Fill(Block y, float value)
    {
        var to = Resolve(y);
        for (var i = 0; i < to.Rows; i++)
            new Span<float>(to.Row(i), to.Columns).Fill(value);
    }

    public override void MixRows(
        Block h, ReadOnlySpan<int> mixes, MixWeights weights, ReadOnlySpan<MixSegment> segments)
    {
        Arguments.Length(mixes.Length, h.Rows);
        var rows = Resolve(h);
        for (var i = 0; i < rows.Rows; i++)
            RowMixing.Mix(new Span<float>(rows.Row(i), rows.Columns), mixes[i], weights, segments);
    }

    private void* Run(
        Storage storage, long offset, int length,
        [CallerArgumentExpression(nameof(storage))] string name = "")
    {
        if (!ReferenceEquals(storage.Backend, this))
            throw new ArgumentException($"{name} lives on {storage.Backend.Name}; this is {Name}.", name);
        if (offset < 0 || offset > storage.Length - length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), offset, $"{length} elements from {offset} do not fit a storage of {storage.Length}.");
        }

        return ((CpuStorage)storage).Pointer;
    }

    private View Resolve(Block block, [CallerArgumentExpression(nameof(block))] string name = "")
    {
        Arguments.Inside(this, block, name);
        var start = (float*)((CpuStorage)block.Storage).Pointer + block.Offset;
        return new View(start, block.Rows, block.Columns, block.Stride);
    }

    private readonly struct Identity : IElementFunction<V>
    {
        public static int Inputs => 1;

        public V Apply(V a, V b, V c, V d) => a;
    }
}
