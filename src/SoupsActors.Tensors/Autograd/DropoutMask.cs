namespace SoupsActors.Tensors;

/// <summary>
/// Masks of dropout as a function of the step's seed and a number of the use, without state, so that a training that goes
/// on from its checkpoint draws what it would have drawn.
/// </summary>
internal static class DropoutMask
{
    /// <summary>Fills a mask: 0 with the given probability, else 1 / (1 − probability), so that the mean stays.</summary>
    /// <param name="mask">What is filled.</param>
    /// <param name="probability">In [0, 1).</param>
    /// <param name="seed">Of the step.</param>
    /// <param name="use">Which use of dropout in that step; uses have nothing in common.</param>
    public static void Fill(Span<float> mask, double probability, ulong seed, int use)
    {
        var kept = (float)(1 / (1 - probability));
        // A draw is the upper 32 bits of a mixed number; it drops where it lies below probability · 2³².
        var threshold = (ulong)(probability * (1UL << 32));
        var stream = SplitMix64.At(SplitMix64.At(seed, 0), (uint)use);
        for (var i = 0; i < mask.Length; i++)
            mask[i] = SplitMix64.At(stream, (ulong)i) >> 32 < threshold ? 0 : kept;
    }
}
