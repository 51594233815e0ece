using System.Runtime.InteropServices;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Tensors.Benchmarks;

/// <summary>The machine's own OpenBLAS, as a yardstick; never needed to compute.</summary>
internal sealed unsafe class OpenBlas : IDisposable
{
    private const int RowMajor = 101;
    private const int NoTranspose = 111;
    private const int Transpose = 112;

    private readonly nint library;
    private readonly delegate* unmanaged<
        int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> sgemm;

    private OpenBlas(nint library, nint sgemm)
    {
        this.library = library;
        this.sgemm = (delegate* unmanaged<
            int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)sgemm;
    }

    /// <summary>Loads the library and sets its threads, or gives null where it is not installed.</summary>
    public static OpenBlas? TryLoad(int threads)
    {
        foreach (var name in new[] { "libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "libopenblas" })
        {
            if (!NativeLibrary.TryLoad(name, out var library))
                continue;
            if (NativeLibrary.TryGetExport(library, "cblas_sgemm", out var sgemm)
                && NativeLibrary.TryGetExport(library, "openblas_set_num_threads", out var setThreads))
            {
                ((delegate* unmanaged<int, void>)setThreads)(threads);
                return new OpenBlas(library, sgemm);
            }

            NativeLibrary.Free(library);
        }

        return null;
    }

    /// <summary>c = a·bᵀ of contiguous blocks.</summary>
    public void Multiply(Block a, Block b, Block c) => sgemm(
        RowMajor, NoTranspose, Transpose, c.Rows, c.Columns, a.Columns, 1f, Numbers(a), a.Stride, Numbers(b), b.Stride,
        0f, Numbers(c), c.Stride);

    public void Dispose() => NativeLibrary.Free(library);

    private static float* Numbers(Block block) => (float*)((CpuStorage)block.Storage).Pointer + block.Offset;
}
