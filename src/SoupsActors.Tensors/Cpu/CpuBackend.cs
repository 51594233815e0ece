using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SoupsActors.Tensors.Cpu;

/// <summary>The kernels on the processor, in C# with hardware intrinsics chosen when the backend is created.</summary>
/// <remarks>
/// Safe for concurrent use on different blocks: one caller at a time gets the worker threads, others compute alone.
/// Results depend on the instruction set, never on the number of threads or on who else computes.
/// </remarks>
public abstract class CpuBackend : Backend
{
    private protected CpuBackend(InstructionSet instructionSet, int threads)
    {
        InstructionSet = instructionSet;
        Threads = threads;
        Pool = new WorkerPool(threads);
    }

    /// <inheritdoc/>
    public override string Name =>
        $"cpu ({InstructionSet.ToString().ToLowerInvariant()}, {Threads} {(Threads == 1 ? "thread" : "threads")})";

    /// <summary>The vector instructions in use; never <see cref="InstructionSet.Auto"/>.</summary>
    public InstructionSet InstructionSet { get; }

    /// <summary>Threads that compute at once, the caller included.</summary>
    public int Threads { get; }

    private protected WorkerPool Pool { get; }

    /// <summary>Starts the worker threads and chooses the kernels.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Threads is negative or over 1024.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine lacks the chosen instruction set.</exception>
    public static CpuBackend Create(CpuOptions? options = null)
    {
        options ??= new CpuOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads, nameof(CpuOptions.Threads));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Threads, 1024, nameof(CpuOptions.Threads));
        var threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        var set = options.InstructionSet == InstructionSet.Auto ? Widest() : options.InstructionSet;
        if (!IsSupported(set))
        {
            throw new PlatformNotSupportedException(
                $"This machine has no {set} instructions; choose {nameof(InstructionSet.Auto)} or one of "
                + $"{string.Join(", ", Enum.GetValues<InstructionSet>()[1..].Where(IsSupported))}.");
        }

        return set switch
        {
            InstructionSet.Avx512 => new CpuBackend<Simd512>(set, threads),
            InstructionSet.Avx2 => new CpuBackend<Simd256>(set, threads),
            InstructionSet.Vector128 => new CpuBackend<Simd128>(set, threads),
            _ => new CpuBackend<SimdScalar>(set, threads),
        };
    }

    /// <summary>True if this machine can run kernels in the instruction set.</summary>
    public static bool IsSupported(InstructionSet set) => set switch
    {
        InstructionSet.Auto or InstructionSet.Scalar => true,
        InstructionSet.Vector128 => Vector128.IsHardwareAccelerated,
        InstructionSet.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        InstructionSet.Avx512 => Avx512BW.VL.IsSupported && Avx512DQ.VL.IsSupported && Fma.IsSupported,
        _ => false,
    };

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Pool.Dispose();

    private static InstructionSet Widest() => Enum.GetValues<InstructionSet>()[1..].Last(IsSupported);
}
