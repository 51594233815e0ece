using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Export;

/// <summary>A mix made into one adapter.</summary>
/// <param name="Expert">The adapter; save it with <see cref="AdapterFolder.Save"/>.</param>
/// <param name="RelativeError">
/// ‖ΔW − ΔW′‖ / ‖ΔW‖ in the Frobenius norm over all layers together; 0 where nothing was cut off. The rounding to 32
/// bits is not counted.
/// </param>
/// <param name="ErrorByModule">The same for each linear layer, by its path in the model.</param>
public sealed record MergedAdapter(
    Expert Expert, double RelativeError, IReadOnlyDictionary<string, double> ErrorByModule);

/// <summary>
/// Makes one adapter of a mix: exactly, by stacking (product: rank Σ r) or adding up (factor: rank r); or cut to a rank
/// by singular values, which is the best approximation of that rank (Eckart and Young 1936).
/// </summary>
public static class AdapterMerge
{
    /// <summary>Merges a mix.</summary>
    /// <param name="mix">At least one expert.</param>
    /// <param name="experts">Experts at hand.</param>
    /// <param name="name">Display name of the result.</param>
    /// <param name="rank">Largest rank of a module in the result; null keeps the mix exactly.</param>
    /// <exception cref="ArgumentException">The mix is empty, or the rank is below 1.</exception>
    /// <exception cref="ExpertMismatchException">See <see cref="MixRules.Check"/>.</exception>
    public static MergedAdapter Merge(Mix mix, IEnumerable<Expert> experts, string name, int? rank = null)
    {
        ArgumentNullException.ThrowIfNull(mix);
        if (mix.Terms.IsEmpty)
        {
            throw new ArgumentException(
                "The mix is empty, which is the base model itself; there is no adapter to export.", nameof(mix));
        }

        if (rank is { } asked)
            ArgumentOutOfRangeException.ThrowIfLessThan(asked, 1, nameof(rank));
        var found = MixRules.Check(mix, experts);
        var factors = new List<LoraFactors>();
        var errors = new Dictionary<string, double>();
        double lost = 0;
        double total = 0;
        foreach (var stacked in StackedFactors.Build(mix.Mode, found))
        {
            var (kept, cut) = rank < stacked.Rank ? Truncate(stacked, rank.Value) : (stacked, 0);
            var norm = SquaredNorm(stacked);
            factors.Add(ToFactors(kept));
            errors.Add(ModelTensors.Path(stacked.Layer, stacked.Module), Relative(cut, norm));
            lost += cut;
            total += norm;
        }

        var provenance = new ExpertProvenance(
            found[0].Expert.Provenance.BaseHash,
            Method: "merge",
            Details: new Dictionary<string, string> { ["mix"] = mix.Key });
        return new MergedAdapter(ExpertContent.Create(name, factors, provenance), Relative(lost, total), errors);
    }

    private static double Relative(double lost, double total) => lost > 0 ? Math.Sqrt(lost / total) : 0;

    // The scale is inside B already.
    private static LoraFactors ToFactors(StackedFactors s) =>
        new(s.Layer, s.Module, s.Rank, s.Inputs, s.Outputs, 1, Narrow(s.A), Narrow(s.B));

    private static float[] Narrow(double[] values) => Array.ConvertAll(values, static x => (float)x);

    // B = Qb Rb and Aᵀ = Qa Ra, so that only Rb Raᵀ, no larger than the stacked rank, needs singular values.
    private static (StackedFactors Kept, double Lost) Truncate(StackedFactors stacked, int rank)
    {
        var (outer, left) = Orthogonalise(Matrix<double>.Build.Dense(
            stacked.Outputs, stacked.Rank, (row, column) => stacked.B[(row * stacked.Rank) + column]));
        var (inner, right) = Orthogonalise(Matrix<double>.Build.Dense(
            stacked.Inputs, stacked.Rank, (row, column) => stacked.A[(column * stacked.Inputs) + row]));
        var svd = (left * right.Transpose()).Svd();
        var keep = Math.Min(rank, svd.S.Count);

        // The root of each singular value on either side keeps both factors of one size.
        var roots = Matrix<double>.Build.DenseOfDiagonalVector(svd.S.SubVector(0, keep).PointwiseSqrt());
        var b = outer * (svd.U.SubMatrix(0, svd.U.RowCount, 0, keep) * roots);
        var a = roots * svd.VT.SubMatrix(0, keep, 0, svd.VT.ColumnCount) * inner.Transpose();
        var kept = stacked with { Rank = keep, A = a.ToRowMajorArray(), B = b.ToRowMajorArray() };
        return (kept, svd.S.Skip(keep).Sum(s => s * s));
    }

    private static (Matrix<double> Q, Matrix<double> R) Orthogonalise(Matrix<double> tall)
    {
        if (tall.RowCount <= tall.ColumnCount)
            return (Matrix<double>.Build.DenseIdentity(tall.RowCount), tall);
        var qr = tall.QR(QRMethod.Thin);
        return (qr.Q, qr.R);
    }

    // ‖BA‖² = trace of (BᵀB)(AAᵀ), without the dense product.
    private static double SquaredNorm(StackedFactors s)
    {
        var b = Matrix<double>.Build.Dense(s.Outputs, s.Rank, (row, column) => s.B[(row * s.Rank) + column]);
        var a = Matrix<double>.Build.Dense(s.Rank, s.Inputs, (row, column) => s.A[(row * s.Inputs) + column]);
        return (b.TransposeThisAndMultiply(b) * a.TransposeAndMultiply(a)).Trace();
    }
}
