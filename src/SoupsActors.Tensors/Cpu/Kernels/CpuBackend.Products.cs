namespace SoupsActors.Tensors.Cpu;

/// <content>Matrix products.</content>
internal sealed unsafe partial class CpuBackend<V>
{
    // A panel is worth its copy once more tiles than these pass over it.
    private const int DirectTiles = 4;

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
            AStep = 1,
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

    /// <summary>
    /// Products of operands as they lie: b goes into panels first, unless so few rows of a meet it, or it is so small, that
    /// the copy would cost more than it saves.
    /// </summary>
    private static class Product
    {
        /// <summary>
        /// c (+)= op(a)·op(b) over a pool; or, where <paramref name="pool"/> is null, of operands that lie in this thread's
        /// cache, on this thread alone.
        /// </summary>
        public static void Run(
            WorkerPool? pool, View a, bool transposeA, View b, bool transposeB, View c, bool accumulate)
        {
            if (c.Rows == 0 || c.Columns == 0)
                return;
            var (width, depth) = (Tiles<V>.Width, transposeA ? a.Rows : a.Columns);
            var panels = Panels.Count(c.Columns, width);
            var direct = !transposeB && (pool is null || c.Rows <= DirectTiles * V.TileRows);
            var last = (panels - 1) * width;
            var packing = new Packing { From = b, Transposed = transposeB, Depth = depth, Columns = c.Columns };
            if (!direct)
            {
                packing.To = Scratch.Get(ScratchSlot.Panels, (long)panels * width * depth);
                Rows(pool, packing, panels, (long)width * depth);
            }
            else if (!PanelProduct<V>.WholeRegisters(c.Columns - last))
            {
                packing.To = Scratch.Get(ScratchSlot.Panels, (long)width * depth);
                Panels.FromRows(b.Start + last, b.Stride, depth, c.Columns - last, width, packing.To);
            }

            var product = new PanelProduct<V>
            {
                A = a.Start,
                AStride = transposeA ? 1 : a.Stride,
                AStep = transposeA ? a.Stride : 1,
                Rows = c.Rows,
                Depth = depth,
                Columns = c.Columns,
                B = packing.To,
                BRows = direct ? b.Start : null,
                BStride = b.Stride,
                C = c.Start,
                CStride = c.Stride,
                Accumulate = accumulate,
            };
            if (pool is null)
                product.RunAlone();
            else
                product.RunOn(pool);
        }

        /// <summary>The panels of bᵀ, for <see cref="RunPacked"/>.</summary>
        public static void Pack(View b, float* panels)
        {
            var packing = new Packing { From = b, Transposed = true, Depth = b.Columns, Columns = b.Rows, To = panels };
            for (var i = 0; i < Panels.Count(b.Rows, Tiles<V>.Width); i++)
                packing.Row(i);
        }

        /// <summary>c = a·bᵀ with b in panels, on this thread; rows of c have room for the whole of the last panel.</summary>
        public static void RunPacked(View a, float* panels, View c)
        {
            var product = new PanelProduct<V>
            {
                A = a.Start,
                AStride = a.Stride,
                AStep = 1,
                Rows = c.Rows,
                Depth = a.Columns,
                Columns = Panels.Count(c.Columns, Tiles<V>.Width) * Tiles<V>.Width,
                B = panels,
                C = c.Start,
                CStride = c.Stride,
            };
            product.RunAlone();
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
}
