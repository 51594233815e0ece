using System.Text;

namespace SoupsActors.Placement;

/// <summary>
/// Which generators an expert is to be held by, known to everyone who knows the generators, without asking anyone:
/// rendezvous hashing (Thaler and Ravishankar 1998, "Using name-based mappings to increase hit rates"), weighted by the
/// experts a generator can hold. A generator that leaves moves its own experts only; one that joins takes its share.
/// </summary>
public static class ExpertHomes
{
    /// <summary>A number for a name, the same in every process: FNV-1a over its UTF-8, mixed.</summary>
    public static ulong NumberOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var hash = 0xCBF29CE484222325;
        foreach (var unit in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ unit) * 0x100000001B3;
        return SplitMix64.Mix(hash);
    }

    /// <summary>
    /// How strongly an expert belongs to a generator; its homes are the generators with the highest scores.
    /// </summary>
    /// <param name="expert">The expert's <see cref="NumberOf"/>, best of its content hash.</param>
    /// <param name="generator">The generator's <see cref="NumberOf"/>, of its key.</param>
    /// <param name="slots">Experts the generator can hold; twice the slots, twice the experts.</param>
    public static double Score(ulong expert, ulong generator, int slots)
    {
        // In (0, 1), never 0 and never 1, so that the logarithm is a negative number.
        var uniform = ((SplitMix64.Mix(expert ^ generator) >> 11) + 0.5) * (1.0 / (1UL << 53));
        return -Math.Max(1, slots) / Math.Log(uniform);
    }

    /// <summary>The indices of the generators with the highest scores, best first.</summary>
    /// <param name="scores">One score for each generator.</param>
    /// <param name="replicas">How many generators are to hold the expert; all where there are fewer.</param>
    public static int[] Best(ReadOnlySpan<double> scores, int replicas)
    {
        var homes = new int[Math.Clamp(replicas, 0, scores.Length)];
        for (var rank = 0; rank < homes.Length; rank++)
        {
            var best = -1;
            for (var i = 0; i < scores.Length; i++)
            {
                if ((best < 0 || scores[i] > scores[best]) && !homes.AsSpan(0, rank).Contains(i))
                    best = i;
            }

            homes[rank] = best;
        }

        return homes;
    }
}
