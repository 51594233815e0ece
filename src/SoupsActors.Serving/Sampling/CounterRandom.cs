namespace SoupsActors.Serving.Sampling;

/// <summary>
/// Random numbers as a function of seed and index, without state: a row's draws are its own, whatever happens beside
/// it. The mixing function is SplitMix64's (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
/// generators").
/// </summary>
internal static class CounterRandom
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    // The seed is mixed before the index joins, so that the streams of neighbouring seeds have nothing in common.
    public static double Uniform(ulong seed, int index) =>
        (Mix(Mix(seed + Gamma) + ((ulong)(uint)index + 1) * Gamma) >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
