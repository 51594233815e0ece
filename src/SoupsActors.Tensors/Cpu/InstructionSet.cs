namespace SoupsActors.Tensors.Cpu;

/// <summary>The vector instructions that kernels use.</summary>
public enum InstructionSet
{
    /// <summary>The widest that the machine has.</summary>
    Auto,

    /// <summary>No vectors: one number at a time.</summary>
    Scalar,

    /// <summary>128-bit vectors (SSE, NEON).</summary>
    Vector128,

    /// <summary>256-bit vectors with fused multiply-add (AVX2 and FMA).</summary>
    Avx2,

    /// <summary>512-bit vectors (AVX-512 F, BW, DQ and VL).</summary>
    Avx512,
}
