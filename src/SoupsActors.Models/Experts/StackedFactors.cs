using SoupsActors.Models.Files;

namespace SoupsActors.Models.Experts;

/// <summary>
/// A mix at one linear layer in double precision: ΔW = B · A, with all weights and scales inside B. The product merge
/// stacks the experts' ranks, the factor merge adds them up.
/// </summary>
/// <param name="Layer">Index of the transformer block.</param>
/// <param name="Module">Which linear layer of the block.</param>
/// <param name="Rank">Rows of A and columns of B.</param>
/// <param name="Inputs">Columns of A.</param>
/// <param name="Outputs">Rows of B.</param>
/// <param name="A">rank × inputs, row-major.</param>
/// <param name="B">outputs × rank, row-major.</param>
internal sealed record StackedFactors(
    int Layer, TargetModule Module, int Rank, int Inputs, int Outputs, double[] A, double[] B)
{
    /// <summary>All layers that a mix changes, sorted.</summary>
    /// <param name="mode">How to merge.</param>
    /// <param name="experts">Experts that <see cref="MixRules.Check"/> has passed.</param>
    public static IEnumerable<StackedFactors> Build(MergeMode mode, IReadOnlyList<WeightedExpert> experts) =>
        from expert in experts
        from factor in expert.Expert.Factors
        group (factor, expert.Weight) by (factor.Layer, factor.Module) into parts
        orderby parts.Key.Layer, parts.Key.Module
        select mode == MergeMode.Product ? Stack([.. parts]) : Add([.. parts]);

    /// <summary>The dense ΔW, outputs × inputs, row-major.</summary>
    public double[] Dense()
    {
        var delta = new double[(long)Outputs * Inputs];
        for (var output = 0; output < Outputs; output++)
        {
            var row = delta.AsSpan(output * Inputs, Inputs);
            for (var k = 0; k < Rank; k++)
            {
                var b = B[(output * Rank) + k];
                var a = A.AsSpan(k * Inputs, Inputs);
                for (var i = 0; i < row.Length; i++)
                    row[i] += b * a[i];
            }
        }

        return delta;
    }

    private static StackedFactors Stack((LoraFactors Factor, float Weight)[] parts)
    {
        var first = SameSize(parts);
        var rank = parts.Sum(p => p.Factor.Rank);
        var a = new double[rank * first.Inputs];
        var b = new double[first.Outputs * rank];
        var start = 0;
        foreach (var (factor, weight) in parts)
        {
            Widen(factor.A, a.AsSpan(start * factor.Inputs));
            var scale = (double)weight * factor.Scale;
            for (var output = 0; output < factor.Outputs; output++)
            {
                for (var k = 0; k < factor.Rank; k++)
                    b[(output * rank) + start + k] = scale * factor.B[(output * factor.Rank) + k];
            }

            start += factor.Rank;
        }

        return new StackedFactors(first.Layer, first.Module, rank, first.Inputs, first.Outputs, a, b);
    }

    private static StackedFactors Add((LoraFactors Factor, float Weight)[] parts)
    {
        var first = SameSize(parts);
        var a = new double[first.A.Length];
        var b = new double[first.B.Length];
        foreach (var (factor, weight) in parts)
        {
            for (var i = 0; i < a.Length; i++)
                a[i] += (double)weight * factor.A[i];
            for (var i = 0; i < b.Length; i++)
                b[i] += (double)weight * factor.Scale * factor.B[i];
        }

        return new StackedFactors(first.Layer, first.Module, first.Rank, first.Inputs, first.Outputs, a, b);
    }

    private static LoraFactors SameSize((LoraFactors Factor, float Weight)[] parts)
    {
        var first = parts[0].Factor;
        foreach (var (factor, _) in parts)
        {
            if (factor.Inputs != first.Inputs || factor.Outputs != first.Outputs)
            {
                throw new ExpertMismatchException(
                    $"Experts disagree on the size of {ModelTensors.Path(factor.Layer, factor.Module)}: "
                    + $"{factor.Outputs} × {factor.Inputs} and {first.Outputs} × {first.Inputs}.");
            }
        }

        return first;
    }

    private static void Widen(float[] source, Span<double> destination)
    {
        for (var i = 0; i < source.Length; i++)
            destination[i] = source[i];
    }
}
