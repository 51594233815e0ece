using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Tensors.Tests.Kernels;

/// <summary>
/// The instruction sets that kernel tests run on; those the machine lacks are skipped with the reason.
/// </summary>
internal static class InstructionSets
{
    public static TheoryData<InstructionSet> All =>
        [InstructionSet.Scalar, InstructionSet.Vector128, InstructionSet.Avx2, InstructionSet.Avx512];

    public static CpuBackend Create(InstructionSet set, int threads = 2)
    {
        Assert.SkipUnless(CpuBackend.IsSupported(set), $"This machine has no {set} instructions.");
        return CpuBackend.Create(new CpuOptions { InstructionSet = set, Threads = threads });
    }
}
