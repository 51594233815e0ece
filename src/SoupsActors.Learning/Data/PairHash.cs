using SoupsActors.Models.Files;

namespace SoupsActors.Learning.Data;

/// <summary>Pairs as content, for the fingerprints of trainings.</summary>
internal static class PairHash
{
    /// <summary>Adds everything that pairs hold, in their order.</summary>
    public static void Add(this ContentHash hash, IReadOnlyList<TokenPair> pairs)
    {
        foreach (var pair in pairs)
        {
            foreach (var part in (int[][])[pair.Prompt, pair.Chosen, pair.Rejected])
                hash.Add([.. part.Select(token => (long)token)]);
            hash.Add(pair.Margin);
            hash.Add(pair.ChosenProbability);
            hash.Add((long)pair.Source);
        }
    }
}
