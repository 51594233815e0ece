using SoupsActors.Tensors;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Models.Tests.Inference;

internal static class TestBackend
{
    /// <summary>The instruction sets that this machine has.</summary>
    public static IEnumerable<InstructionSet> InstructionSets =>
        Enum.GetValues<InstructionSet>().Where(set => set != InstructionSet.Auto && CpuBackend.IsSupported(set));

    /// <summary>Two threads, so that kernels really split their work.</summary>
    public static Backend Create(InstructionSet set = InstructionSet.Auto) =>
        CpuBackend.Create(new CpuOptions { Threads = 2, InstructionSet = set });
}
