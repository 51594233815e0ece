namespace SoupsActors.Serving.Sampling;

/// <summary>
/// Random numbers as a function of seed and index, without state: a row's draws are its own, whatever happens beside it.
/// </summary>
internal static class CounterRandom
{
    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    // The seed is mixed before the index joins, so that the streams of neighbouring seeds have nothing in common.
    public static double Uniform(ulong seed, int index) =>
        SplitMix64.ToUniform(SplitMix64.At(SplitMix64.At(seed, 0), (uint)index));
}
