namespace SoupsActors.Tensors.Cpu;

/// <summary>c (+)= a·b with b in panels: what every matrix product comes down to.</summary>
/// <remarks>A part is a run of panels times a run of rows; no sum is ever split between parts.</remarks>
internal unsafe struct PanelProduct<V> : IParallelWork
    where V : unmanaged, ISimd<V>
{
    // A stretch of a panel that stays in the second-level cache while the rows pass; sums are stored and taken up again
    // between stretches, which leaves their bits as they are.
    private const int Stretch = 1024;

    // Products of less work than this are not worth waking a thread.
    private const long SmallWork = 200_000;

    public float* A;
    public nint AStride;

    /// <summary>Numbers from one step of the depth to the next in a row of a: 1, or the stride of a transposed one.</summary>
    public nint AStep;
    public int Rows;
    public int Depth;
    public int Columns;

    /// <summary>Panels one after the other, depth × <see cref="Tiles{V}.Width"/> each, of the element type.</summary>
    public void* B;

    /// <summary>
    /// Where not 0, b lies in rows with this stride instead: the panels are read there, without a copy, as long as they
    /// are whole registers. <see cref="B"/> then holds the last panel alone, if that is not.
    /// </summary>
    public nint BStride;
    public float* BRows;

    public ElementType Type;
    public float* C;
    public nint CStride;
    public bool Accumulate;

    private int rowParts;
    private int panelParts;

    /// <summary>Splits the work over a pool, or runs it alone where it is small.</summary>
    public void RunOn(WorkerPool pool)
    {
        var panels = Panels.Count(Columns, Tiles<V>.Width);
        if (Rows == 0 || panels == 0)
            return;
        (rowParts, panelParts) = (1, 1);
        if (pool.Threads > 1 && (long)Rows * Depth * Columns > SmallWork)
        {
            var wanted = pool.Threads * 4;
            panelParts = Math.Min(wanted, Rows == 1 ? Panels.Count(panels, Tiles<V>.StripPanels) : panels);
            rowParts = Math.Min(Math.Max(1, wanted / panelParts), Panels.Count(Rows, 4 * V.TileRows));
        }

        pool.Run(ref this, rowParts * panelParts);
    }

    /// <summary>Runs all of the work on this thread.</summary>
    public void RunAlone()
    {
        (rowParts, panelParts) = (1, 1);
        Run(0);
    }

    public void Run(int part)
    {
        var panels = Panels.Count(Columns, Tiles<V>.Width);
        var (rowPart, panelPart) = (part / panelParts, part % panelParts);
        var (firstRow, lastRow) = (Share(Rows, rowPart, rowParts), Share(Rows, rowPart + 1, rowParts));
        var groups = Panels.Count(panels, Tiles<V>.StripPanels);
        var firstPanel = Rows == 1
            ? Share(groups, panelPart, panelParts) * Tiles<V>.StripPanels
            : Share(panels, panelPart, panelParts);
        var lastPanel = Rows == 1
            ? Math.Min(panels, Share(groups, panelPart + 1, panelParts) * Tiles<V>.StripPanels)
            : Share(panels, panelPart + 1, panelParts);
        for (var panel = firstPanel; panel < lastPanel;)
        {
            var strip = Rows == 1 && AStep == 1 && BRows is null && panel + Tiles<V>.StripPanels <= lastPanel
                && (panel + Tiles<V>.StripPanels) * Tiles<V>.Width <= Columns;
            var count = strip ? Tiles<V>.StripPanels : 1;
            var b = Panel(panel, count, out var bStride);
            var c = C + panel * Tiles<V>.Width;
            if (strip)
                Tiles<V>.Strip(A, b, (nint)Depth * Tiles<V>.Width, c, Depth, Accumulate);
            else
                Multiply(b, bStride, c, Math.Min(Tiles<V>.Width, Columns - panel * Tiles<V>.Width), firstRow, lastRow);
            panel += count;
        }
    }

    /// <summary>Whether a panel with this many columns left fills its registers, or is the last and fills one.</summary>
    public static bool WholeRegisters(int columns) => columns >= Tiles<V>.Width || columns == V.Count;

    private static int Share(int total, int part, int parts) => (int)((long)total * part / parts);

    /// <summary>The numbers of some panels, converted if they are stored in a shorter type.</summary>
    private readonly float* Panel(int panel, int count, out nint stride)
    {
        var length = (long)Depth * Tiles<V>.Width;
        if (BRows is not null && WholeRegisters(Columns - panel * Tiles<V>.Width))
        {
            stride = BStride;
            return BRows + panel * Tiles<V>.Width;
        }

        stride = Tiles<V>.Width;
        if (BRows is not null)
            return (float*)B;
        if (Type == ElementType.Float32)
            return (float*)B + panel * length;
        var numbers = (int)(length * count);
        var converted = Scratch.Get(ScratchSlot.Converted, numbers);
        Panels.Lengthen(new((ushort*)B + panel * length, numbers), Type, new(converted, numbers));
        return converted;
    }

    /// <summary>Some rows of c in one panel of columns.</summary>
    private readonly void Multiply(float* b, nint bStride, float* c, int columns, int firstRow, int lastRow)
    {
        var depth = 0;
        do
        {
            var stretch = Math.Min(Stretch, Depth - depth);
            var accumulate = Accumulate || depth > 0;
            var tiles = Panels.Count(lastRow - firstRow, V.TileRows);
            for (var t = 0; t < tiles; t++)
            {
                var row = firstRow + Share(lastRow - firstRow, t, tiles);
                var rows = firstRow + Share(lastRow - firstRow, t + 1, tiles) - row;
                var from = A + row * AStride + depth * AStep;
                var to = c + row * CStride;
                if (WholeRegisters(columns))
                {
                    Tiles<V>.Multiply(
                        rows, columns > V.Count, from, AStride, AStep, b, bStride, to, CStride, stretch, accumulate);
                }
                else
                {
                    Edge(rows, from, b, bStride, to, columns, stretch, accumulate);
                }
            }

            depth += stretch;
            b += stretch * bStride;
        }
        while (depth < Depth);
    }

    /// <summary>
    /// A tile at the right edge of c, where the panel is wider than what is left: by way of a whole tile.
    /// </summary>
    private readonly void Edge(
        int rows, float* a, float* b, nint bStride, float* c, int columns, int depth, bool accumulate)
    {
        var width = Tiles<V>.Width;
        var tile = stackalloc float[12 * 32];
        for (var i = 0; accumulate && i < rows; i++)
            new Span<float>(c + i * CStride, columns).CopyTo(new(tile + i * width, width));
        Tiles<V>.Multiply(
            rows, columns > V.Count, a, AStride, AStep, b, bStride, tile, width, depth, accumulate);
        for (var i = 0; i < rows; i++)
            new Span<float>(tile + i * width, columns).CopyTo(new(c + i * CStride, columns));
    }
}
