namespace SoupsActors.Tensors.Cpu;

/// <summary>A kernel that computes row by row (or column block by column block), each on its own.</summary>
internal interface IRowKernel
{
    void Row(int row);
}

/// <summary>Runs a kernel over all rows, a few at a time so that a part is worth claiming.</summary>
internal struct RowWork<TKernel>(TKernel kernel, int rows) : IParallelWork
    where TKernel : unmanaged, IRowKernel
{
    // Element operations per part, about ten microseconds.
    private const long PartWork = 30_000;

    private int rowsPerPart;

    public void RunOn(WorkerPool pool, long workPerRow)
    {
        rowsPerPart = (int)Math.Clamp(PartWork / Math.Max(1, workPerRow), 1, Math.Max(1, rows));
        pool.Run(ref this, (rows + rowsPerPart - 1) / rowsPerPart);
    }

    public void Run(int part)
    {
        var last = (int)Math.Min(rows, (part + 1L) * rowsPerPart);
        for (var row = part * rowsPerPart; row < last; row++)
            kernel.Row(row);
    }
}
