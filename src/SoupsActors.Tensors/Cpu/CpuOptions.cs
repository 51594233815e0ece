namespace SoupsActors.Tensors.Cpu;

/// <summary>How <see cref="CpuBackend"/> uses the machine.</summary>
public sealed class CpuOptions
{
    /// <summary>
    /// Threads that compute at once, the caller included; 0 (the default) takes every processor there is.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>Vector instructions to use. Forcing a set that the machine lacks is an error.</summary>
    public InstructionSet InstructionSet { get; init; } = InstructionSet.Auto;
}
