using System.Numerics;
using System.Runtime.InteropServices;

namespace SoupsActors.Tensors;

/// <summary>
/// <see cref="Backend.MixRows"/> for one row in host memory. Every number depends on numbers of its own column position
/// only, in a fixed order, so the width of the vectors does not show in the result.
/// </summary>
internal static class RowMixing
{
    public static void Mix(Span<float> row, int mix, MixWeights weights, ReadOnlySpan<MixSegment> segments)
    {
        if (mix < 0)
            row.Clear();
        else if (weights.IsFactor(mix))
            MixFactors(row, weights.Of(mix), segments);
        else
            MixProducts(row, weights.Of(mix), segments);
    }

    private static void MixProducts(Span<float> row, ReadOnlySpan<float> weights, ReadOnlySpan<MixSegment> segments)
    {
        foreach (var segment in segments)
            Scale(row.Slice(segment.Start, segment.Length), weights[segment.Expert]);
    }

    private static void MixFactors(Span<float> row, ReadOnlySpan<float> weights, ReadOnlySpan<MixSegment> segments)
    {
        while (!segments.IsEmpty)
        {
            var count = 1;
            while (count < segments.Length && segments[count].Site == segments[0].Site)
                count++;
            MixSite(row, weights, segments[..count]);
            segments = segments[count..];
        }
    }

    /// <summary>Replaces every named expert's columns by λ_e · Σ λ_j H_j.</summary>
    private static void MixSite(Span<float> row, ReadOnlySpan<float> weights, ReadOnlySpan<MixSegment> segments)
    {
        var first = -1;
        for (var s = 0; s < segments.Length; s++)
        {
            var columns = row.Slice(segments[s].Start, segments[s].Length);
            Scale(columns, weights[segments[s].Expert]);
            if (weights[segments[s].Expert] == 0)
                continue;
            if (first < 0)
                first = s;
            else
                Add(columns, row.Slice(segments[first].Start, segments[first].Length));
        }

        if (first < 0)
            return;
        var sum = row.Slice(segments[first].Start, segments[first].Length);
        foreach (var segment in segments[(first + 1)..])
        {
            if (weights[segment.Expert] == 0)
                continue;
            var columns = row.Slice(segment.Start, segment.Length);
            sum.CopyTo(columns);
            Scale(columns, weights[segment.Expert]);
        }

        Scale(sum, weights[segments[first].Expert]);
    }

    private static void Scale(Span<float> x, float factor)
    {
        if (factor == 0)
        {
            x.Clear();
            return;
        }

        var vectors = MemoryMarshal.Cast<float, Vector<float>>(x);
        foreach (ref var vector in vectors)
            vector *= factor;
        for (var i = vectors.Length * Vector<float>.Count; i < x.Length; i++)
            x[i] *= factor;
    }

    private static void Add(ReadOnlySpan<float> x, Span<float> sum)
    {
        if (x.Length != sum.Length)
            throw new ArgumentException($"A factor mix needs equal ranks, not {sum.Length} and {x.Length}.", nameof(x));
        for (var i = 0; i < x.Length; i++)
            sum[i] += x[i];
    }
}
