using System.Numerics.Tensors;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Experts;

/// <summary>Makes experts: checks and sorts their factors and takes the hash of their content.</summary>
public static class ExpertContent
{
    /// <summary>Largest rank of one module; far above what adapters use, and above what merged ones reach.</summary>
    public const int MaxRank = 8192;

    /// <summary>Makes an expert. The arrays are kept, not copied, and must not change afterwards.</summary>
    /// <param name="name">A display name; does not enter the hash.</param>
    /// <param name="factors">One entry per layer and module, in any order.</param>
    /// <param name="provenance">Where it comes from; of it, only the base hash enters the hash.</param>
    /// <exception cref="ArgumentException">
    /// A module is there twice, a size is wrong, or a number is not finite.
    /// </exception>
    public static Expert Create(string name, IEnumerable<LoraFactors> factors, ExpertProvenance provenance)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(factors);
        ArgumentNullException.ThrowIfNull(provenance);
        ArgumentException.ThrowIfNullOrEmpty(provenance.BaseHash, nameof(provenance));
        var sorted = factors.OrderBy(f => f.Layer).ThenBy(f => f.Module).ToArray();
        LoraFactors? previous = null;
        foreach (var factor in sorted)
        {
            if (FindProblem(factor) is { } problem)
            {
                throw new ArgumentException(
                    $"{ModelTensors.Path(factor.Layer, factor.Module)}: {problem}", nameof(factors));
            }

            if (previous is not null && previous.Layer == factor.Layer && previous.Module == factor.Module)
            {
                throw new ArgumentException(
                    $"{ModelTensors.Path(factor.Layer, factor.Module)} is there twice.", nameof(factors));
            }

            previous = factor;
        }

        return new Expert(Hash(sorted, provenance.BaseHash), name, sorted, provenance);
    }

    private static string? FindProblem(LoraFactors factor)
    {
        if (factor.Layer < 0 || factor.Rank < 1 || factor.Rank > MaxRank || factor.Inputs < 1 || factor.Outputs < 1)
            return $"rank {factor.Rank} of {factor.Outputs} × {factor.Inputs} cannot be; it must be 1 to {MaxRank}.";
        if (factor.A.LongLength != (long)factor.Rank * factor.Inputs
            || factor.B.LongLength != (long)factor.Outputs * factor.Rank)
        {
            return "the number of values does not agree with rank, inputs and outputs.";
        }

        return float.IsFinite(factor.Scale)
            && TensorPrimitives.IsFiniteAll<float>(factor.A)
            && TensorPrimitives.IsFiniteAll<float>(factor.B)
            ? null
            : "the scale or a value is NaN or infinite.";
    }

    private static string Hash(LoraFactors[] factors, string baseHash)
    {
        using var hash = new ContentHash("soups-expert-1");
        hash.Add(baseHash);
        hash.Add((long)factors.Length);
        foreach (var factor in factors)
        {
            hash.Add(ModelTensors.Path(factor.Layer, factor.Module));
            hash.Add([factor.Rank, factor.Inputs, factor.Outputs]);
            hash.Add(factor.Scale);
            hash.AddValues(factor.A);
            hash.AddValues(factor.B);
        }

        return hash.Finish();
    }
}
