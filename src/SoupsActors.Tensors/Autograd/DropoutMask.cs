namespace SoupsActors.Tensors;

/// <summary>
/// Masks of dropout as a function of the step's seed and a number of the use, without state, so that a training that goes
/// on from its checkpoint draws what it would have drawn. The mixing function is SplitMix64's (Steele, Lea and Flood
/// 2014).
/// </summary>
internal static class DropoutMask
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

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
        var stream = Mix(Mix(seed + Gamma) + ((ulong)(uint)use + 1) * Gamma);
        for (var i = 0; i < mask.Length; i++)
            mask[i] = Mix(stream + ((ulong)i + 1) * Gamma) >> 32 < threshold ? 0 : kept;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
