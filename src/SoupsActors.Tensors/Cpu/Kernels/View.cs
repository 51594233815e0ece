namespace SoupsActors.Tensors.Cpu;

/// <summary>A checked block as a pointer: what kernels work on.</summary>
internal readonly unsafe struct View(float* start, int rows, int columns, nint stride)
{
    public readonly float* Start = start;
    public readonly int Rows = rows;
    public readonly int Columns = columns;
    public readonly nint Stride = stride;

    /// <summary>The first number of a row.</summary>
    public float* Row(int index) => Start + index * Stride;
}
