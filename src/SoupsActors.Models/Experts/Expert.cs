namespace SoupsActors.Models.Experts;

/// <summary>Which linear layers of a transformer block an adapter can change, by Hugging Face's module names.</summary>
public enum TargetModule
{
    /// <summary>self_attn.q_proj</summary>
    QProj,

    /// <summary>self_attn.k_proj</summary>
    KProj,

    /// <summary>self_attn.v_proj</summary>
    VProj,

    /// <summary>self_attn.o_proj</summary>
    OProj,

    /// <summary>mlp.gate_proj</summary>
    GateProj,

    /// <summary>mlp.up_proj</summary>
    UpProj,

    /// <summary>mlp.down_proj</summary>
    DownProj,
}

/// <summary>The LoRA factors of one linear layer (Hu et al. 2021, section 4.1): ΔW = Scale · B · A.</summary>
/// <param name="Layer">Index of the transformer block.</param>
/// <param name="Module">Which linear layer of the block.</param>
/// <param name="Rank">r, rows of A and columns of B.</param>
/// <param name="Inputs">Columns of A.</param>
/// <param name="Outputs">Rows of B.</param>
/// <param name="Scale">α/r, or α/√r for rsLoRA.</param>
/// <param name="A">r × inputs, row-major.</param>
/// <param name="B">outputs × r, row-major.</param>
public sealed record LoraFactors(
    int Layer, TargetModule Module, int Rank, int Inputs, int Outputs, float Scale, float[] A, float[] B);

/// <summary>Where an expert comes from.</summary>
/// <param name="BaseHash">Content hash of the base model it was trained on.</param>
/// <param name="InitSeed">Seed of A's initialisation, null where unknown; the factor merge needs it.</param>
/// <param name="Preference">Id of the preference it was trained for, such as P1A, or null.</param>
/// <param name="Method">How it was trained, such as "sft" or "ppo", or null.</param>
/// <param name="RewardId">Reward model it was trained against, or null.</param>
/// <param name="ParentHash">Expert it was trained on from, or null.</param>
/// <param name="Details">Free notes: data, steps, KL, dates.</param>
public sealed record ExpertProvenance(
    string BaseHash,
    long? InitSeed = null,
    string? Preference = null,
    string? Method = null,
    string? RewardId = null,
    string? ParentHash = null,
    IReadOnlyDictionary<string, string>? Details = null);

/// <summary>A LoRA adapter in memory, immutable, known by the hash of its content.</summary>
/// <param name="Hash">Lower-case hexadecimal SHA-256 over configuration and factors.</param>
/// <param name="Name">A display name; never a key.</param>
/// <param name="Factors">Sorted by layer, then module.</param>
/// <param name="Provenance">Where it comes from.</param>
public sealed record Expert(
    string Hash, string Name, IReadOnlyList<LoraFactors> Factors, ExpertProvenance Provenance)
{
    /// <inheritdoc/>
    public bool Equals(Expert? other) => other is not null && Hash == other.Hash;

    /// <inheritdoc/>
    public override int GetHashCode() => Hash.GetHashCode(StringComparison.Ordinal);
}

/// <summary>An expert that the model at hand cannot apply; the message says what differs.</summary>
public sealed class ExpertMismatchException(string message) : Exception(message);
