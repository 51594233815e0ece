using System.Runtime.CompilerServices;

namespace SoupsActors.Tensors.Cpu;

/// <summary>A function of up to four numbers, applied to registers of them.</summary>
internal interface IElementFunction<V>
{
    /// <summary>How many of the arguments it reads; the others are zero.</summary>
    static abstract int Inputs { get; }

    V Apply(V a, V b, V c, V d);
}

/// <summary>y = f(a, b, c, d) element by element: the loop under every element-wise kernel.</summary>
internal unsafe struct ElementWork<V, TFunction>(TFunction function, View y, View a, View b, View c, View d)
    : IParallelWork
    where V : unmanaged, ISimd<V>
    where TFunction : unmanaged, IElementFunction<V>
{
    // Numbers per part: enough to be worth claiming, a multiple of every register.
    private const int PartLength = 16384;

    private bool flat;
    private int rowsPerPart;

    /// <summary>b has one column, repeated over the columns of a.</summary>
    public bool RepeatColumn;

    public void RunOn(WorkerPool pool)
    {
        var length = (long)y.Rows * y.Columns;
        if (length == 0)
            return;
        flat = !RepeatColumn && Contiguous(y) && Contiguous(a) && (TFunction.Inputs < 2 || Contiguous(b))
            && (TFunction.Inputs < 3 || Contiguous(c)) && (TFunction.Inputs < 4 || Contiguous(d))
            && (TFunction.Inputs < 2 || b.Rows == y.Rows);
        rowsPerPart = Math.Max(1, PartLength / y.Columns);
        var parts = flat ? (length + PartLength - 1) / PartLength : (y.Rows + rowsPerPart - 1) / rowsPerPart;
        pool.Run(ref this, (int)parts);
    }

    /// <summary>Runs all of the work on this thread.</summary>
    public void RunAlone()
    {
        (flat, rowsPerPart) = (false, y.Rows);
        Run(0);
    }

    public void Run(int part)
    {
        if (flat)
        {
            var start = (nint)part * PartLength;
            var length = (int)Math.Min(PartLength, (long)y.Rows * y.Columns - start);
            Row(y.Start + start, a.Start + start, b.Start + start, c.Start + start, d.Start + start, length);
            return;
        }

        var last = Math.Min(y.Rows, (part + 1) * rowsPerPart);
        for (var i = part * rowsPerPart; i < last; i++)
            Row(y.Row(i), a.Row(i), b.Row(b.Rows == 1 ? 0 : i), c.Row(i), d.Row(i), y.Columns);
    }

    private static bool Contiguous(View view) => view.Stride == view.Columns || view.Rows <= 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Row(float* to, float* first, float* second, float* third, float* fourth, int length)
    {
        var repeated = RepeatColumn ? V.Broadcast(*second) : default;
        V vb = repeated, vc = default, vd = default;
        var j = 0;
        for (; j + V.Count <= length; j += V.Count)
        {
            if (TFunction.Inputs > 1 && !RepeatColumn)
                vb = V.Load(second + j);
            if (TFunction.Inputs > 2)
                vc = V.Load(third + j);
            if (TFunction.Inputs > 3)
                vd = V.Load(fourth + j);
            V.Store(function.Apply(V.Load(first + j), vb, vc, vd), to + j);
        }

        var rest = length - j;
        if (rest == 0)
            return;
        if (TFunction.Inputs > 1 && !RepeatColumn)
            vb = Functions.LoadPartial<V>(second + j, rest);
        if (TFunction.Inputs > 2)
            vc = Functions.LoadPartial<V>(third + j, rest);
        if (TFunction.Inputs > 3)
            vd = Functions.LoadPartial<V>(fourth + j, rest);
        Functions.StorePartial(function.Apply(Functions.LoadPartial<V>(first + j, rest), vb, vc, vd), to + j, rest);
    }
}
