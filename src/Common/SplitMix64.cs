namespace SoupsActors;

/// <summary>
/// Steele, Lea and Flood's generator (2014, "Fast splittable pseudorandom number generators"), which a seed fixes on
/// every platform and version, and which can be asked for any number of its stream without those before. Compiled into
/// each project that draws, so that it is nobody's interface.
/// </summary>
internal static class SplitMix64
{
    /// <summary>The step between two states: 2⁶⁴ divided by the golden ratio, made odd.</summary>
    public const ulong Gamma = 0x9E3779B97F4A7C15;

    /// <summary>The next number of the stream.</summary>
    public static ulong Next(ref ulong state) => Mix(unchecked(state += Gamma));

    /// <summary>The number at an index, from 0, of the stream of a seed.</summary>
    // Streams whose seeds lie a multiple of Gamma apart overlap; a seed that is no stream's own is mixed first.
    public static ulong At(ulong seed, ulong index) => Mix(unchecked(seed + (index + 1) * Gamma));

    /// <summary>A bijection of the 64-bit numbers in which every bit of the result depends on every bit given.</summary>
    public static ulong Mix(ulong z)
    {
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return z ^ (z >> 31);
    }

    /// <summary>A random number as a number in [0, 1) with 53 random bits.</summary>
    public static double ToUniform(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));
}
