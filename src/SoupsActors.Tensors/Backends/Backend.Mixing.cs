using System.Buffers;

namespace SoupsActors.Tensors;

/// <content>Mixing the low-rank products of stacked LoRA experts.</content>
public abstract partial class Backend
{
    /// <summary>
    /// Scales the low-rank products h (m × columns) of stacked LoRA experts by each row's own weights λ, in place.
    /// Columns lie in <paramref name="segments"/>, one per expert and linear layer ("site"). For a row with the mix
    /// mixes[i], a product mix gives H_e ← λ_e·H_e, and a factor mix H_e ← λ_e·Σ_j λ_j·H_j over the experts j of the
    /// same site in order of their segments. Where λ_e is 0 the result is exactly +0, whatever H_e is; so is a row
    /// whose mix is negative.
    /// </summary>
    /// <param name="h">m × columns, changed in place.</param>
    /// <param name="mixes">For each row its mix in <paramref name="weights"/>, or −1 for none.</param>
    /// <param name="weights">The weights of every mix.</param>
    /// <param name="segments">Cover the columns of h without gaps, sorted by site, then expert.</param>
    /// <remarks>The default goes through host memory, row by row; devices override it.</remarks>
    public virtual void MixRows(
        Block h, ReadOnlySpan<int> mixes, MixWeights weights, ReadOnlySpan<MixSegment> segments)
    {
        var buffer = ArrayPool<float>.Shared.Rent(h.Columns);
        var row = buffer.AsSpan(0, h.Columns);
        for (var i = 0; i < h.Rows; i++)
        {
            var offset = h.Offset + (long)i * h.Stride;
            Download(h.Storage, offset, row);
            RowMixing.Mix(row, mixes[i], weights, segments);
            Upload(row, h.Storage, offset);
        }

        ArrayPool<float>.Shared.Return(buffer);
    }
}

/// <summary>The columns of one expert for one linear layer in a stacked low-rank product.</summary>
/// <param name="Site">Which linear layer.</param>
/// <param name="Expert">Which expert: a column of <see cref="MixWeights"/>.</param>
/// <param name="Start">First column.</param>
/// <param name="Length">Number of columns, the expert's rank there.</param>
public readonly record struct MixSegment(int Site, int Expert, int Start, int Length);

/// <summary>The weights λ of several mixes over the same experts, in host memory.</summary>
/// <param name="weights">Mixes × experts, row-major; 0 where a mix does not name an expert.</param>
/// <param name="factors">For each mix whether it merges factor by factor.</param>
/// <param name="expertCount">Experts, columns of <paramref name="weights"/>.</param>
public readonly ref struct MixWeights(ReadOnlySpan<float> weights, ReadOnlySpan<bool> factors, int expertCount)
{
    private readonly ReadOnlySpan<float> weights = weights;
    private readonly ReadOnlySpan<bool> factors = factors;

    /// <summary>λ of every expert in one mix.</summary>
    public ReadOnlySpan<float> Of(int mix) => weights.Slice(mix * expertCount, expertCount);

    /// <summary>Whether a mix merges factor by factor.</summary>
    public bool IsFactor(int mix) => factors[mix];
}
