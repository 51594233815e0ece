using SoupsActors.Tensors;

namespace SoupsActors.Testing;

public sealed partial class ReferenceBackend
{
    public override void MixRows(
        Block h, ReadOnlySpan<int> mixes, MixWeights weights, ReadOnlySpan<MixSegment> segments)
    {
        Arguments.Length(mixes.Length, h.Rows);
        var at = View(h);
        for (var i = 0; i < h.Rows; i++)
        {
            var before = new double[h.Columns];
            for (var j = 0; j < h.Columns; j++)
                before[j] = at[i, j];
            var isFactor = mixes[i] >= 0 && weights.IsFactor(mixes[i]);
            foreach (var segment in segments)
            {
                var weight = mixes[i] < 0 ? 0 : weights.Of(mixes[i])[segment.Expert];
                for (var j = 0; j < segment.Length; j++)
                {
                    var value = weight == 0 ? 0
                        : isFactor ? SumOverSite(before, weights.Of(mixes[i]), segments, segment.Site, j)
                        : before[segment.Start + j];
                    at[i, segment.Start + j] = (float)(weight * value);
                }
            }
        }
    }

    private static double SumOverSite(
        double[] row, ReadOnlySpan<float> weights, ReadOnlySpan<MixSegment> segments, int site, int rank)
    {
        var sum = 0.0;
        foreach (var segment in segments)
        {
            if (segment.Site == site && weights[segment.Expert] != 0)
                sum += weights[segment.Expert] * row[segment.Start + rank];
        }

        return sum;
    }
}
