namespace SoupsActors.Tensors.Cpu;

/// <content>Matrix products.</content>
internal sealed unsafe partial class CpuBackend<V>
{
    public override void MatMul(Block a, bool transposeA, Block b, bool transposeB, Block c, bool accumulate = false)
    {
        var (m, k) = transposeA ? (a.Columns, a.Rows) : (a.Rows, a.Columns);
        var n = transposeB ? b.Rows : b.Columns;
        Arguments.Shape(b, transposeB ? n : k, transposeB ? k : n);
        Arguments.Shape(c, m, n);
        Product.Run(Pool, Resolve(a), transposeA, Resolve(b), transposeB, Resolve(c), accumulate);
    }

    public override PackedMatrix Pack(Block w, ElementType type = ElementType.Float32)
    {
        var from = Resolve(w);
        var packed = new CpuPackedMatrix(this, w.Rows, w.Columns, type, Tiles<V>.Width);
        var length = w.Columns * Tiles<V>.Width;
        for (var panel = 0; panel * Tiles<V>.Width < w.Rows; panel++)
        {
            var start = (long)panel * length;
            var target = type == ElementType.Float32
                ? (float*)packed.Panels + start
                : Scratch.Get(ScratchSlot.Panels, length);
            var columns = Math.Min(Tiles<V>.Width, w.Rows - panel * Tiles<V>.Width);
            Panels.FromColumns(
                from.Row(panel * Tiles<V>.Width), from.Stride, w.Columns, columns, Tiles<V>.Width, target);
            if (type != ElementType.Float32)
                Panels.Shorten(new(target, length), type, new((ushort*)packed.Panels + start, length));
        }

        return packed;
    }

    public override void MatMulPacked(Block x, PackedMatrix w, Block y, bool accumulate = false)
    {
        Arguments.Shape(x, x.Rows, w.Inputs);
        Arguments.Shape(y, x.Rows, w.Outputs);
        if (w is not CpuPackedMatrix packed || !ReferenceEquals(packed.Backend, this))
            throw new ArgumentException($"The matrix was packed by another backend than {Name}.", nameof(w));
        var (from, to) = (Resolve(x), Resolve(y));
        var product = new PanelProduct<V>
        {
            A = from.Start,
            AStride = from.Stride,
            Rows = x.Rows,
            Depth = w.Inputs,
            Columns = w.Outputs,
            B = packed.Panels,
            Type = w.Type,
            C = to.Start,
            CStride = to.Stride,
            Accumulate = accumulate,
        };
        product.RunOn(Pool);
    }

    /// <summary>Products of operands as they lie: b goes into panels first, and a transposed a into rows.</summary>
    private static class Product
    {
        /// <summary>
        /// c (+)= op(a)·op(b) over a pool, or on this thread alone where <paramref name="pool"/> is null.
        /// </summary>
        public static void Run(
            WorkerPool? pool, View a, bool transposeA, View b, bool transposeB, View c, bool accumulate)
        {
            if (c.Rows == 0 || c.Columns == 0)
                return;
            var (width, depth) = (Tiles<V>.Width, transposeA ? a.Rows : a.Columns);
            var packing = new Packing
            {
                From = b,
                Transposed = transposeB,
                Depth = depth,
                Columns = c.Columns,
                To = Scratch.Get(ScratchSlot.Panels, (long)Panels.Count(c.Columns, width) * width * depth),
            };
            Rows(pool, packing, Panels.Count(c.Columns, width), (long)width * depth);
            if (transposeA)
                a = Transposed(pool, a);
            var product = new PanelProduct<V>
            {
                A = a.Start,
                AStride = a.Stride,
                Rows = c.Rows,
                Depth = depth,
                Columns = c.Columns,
                B = packing.To,
                C = c.Start,
                CStride = c.Stride,
                Accumulate = accumulate,
            };
            if (pool is null)
                product.RunAlone();
            else
                product.RunOn(pool);
        }

        private static View Transposed(WorkerPool? pool, View a)
        {
            var to = new View(Scratch.Get(ScratchSlot.Rows, (long)a.Rows * a.Columns), a.Columns, a.Rows, a.Rows);
            var bands = Panels.Count(a.Columns, Transposition.Band);
            Rows(pool, new Transposition { From = a, To = to }, bands, (long)Transposition.Band * a.Rows);
            return to;
        }

        private static void Rows<TKernel>(WorkerPool? pool, TKernel kernel, int rows, long workPerRow)
            where TKernel : unmanaged, IRowKernel
        {
            if (pool is not null)
            {
                new RowWork<TKernel>(kernel, rows).RunOn(pool, workPerRow);
                return;
            }

            for (var i = 0; i < rows; i++)
                kernel.Row(i);
        }
    }

    private struct Packing : IRowKernel
    {
        public View From;
        public bool Transposed;
        public int Depth;
        public int Columns;
        public float* To;

        public readonly void Row(int row)
        {
            var width = Tiles<V>.Width;
            var first = row * width;
            var columns = Math.Min(width, Columns - first);
            var panel = To + (nint)row * width * Depth;
            if (Transposed)
                Panels.FromColumns(From.Row(first), From.Stride, Depth, columns, width, panel);
            else
                Panels.FromRows(From.Start + first, From.Stride, Depth, columns, width, panel);
        }
    }

    private struct Transposition : IRowKernel
    {
        public const int Band = 16;

        public View From;
        public View To;

        public readonly void Row(int row)
        {
            var first = row * Band;
            var columns = Math.Min(Band, From.Columns - first);
            Panels.Transpose(From.Start + first, From.Stride, From.Rows, columns, To.Row(first), To.Stride);
        }
    }
}
