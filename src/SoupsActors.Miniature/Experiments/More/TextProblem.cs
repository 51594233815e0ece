using SoupsActors.Learning.Data;

namespace SoupsActors.Miniature.Experiments.More;

/// <summary>Comparisons of texts as a problem of features: hashed words (Weinberger et al. 2009) and length.</summary>
internal static class TextProblem
{
    private const int LengthFeatures = 2;

    /// <summary>Each data set is split in two by a seed: one part to learn from, one to be tested on.</summary>
    public static RewardProblem Split(
        IReadOnlyList<(string Persona, IReadOnlyList<Comparison> Pairs)> sources, MoreSettings settings, int seed)
    {
        var size = settings.TextFeatures + LengthFeatures;
        var rows = new List<float>();
        var random = new Random(seed);
        var training = new List<IReadOnlyList<TokenPair>>();
        var heldOut = new List<(string, IReadOnlyList<TokenPair>)>();
        foreach (var (persona, comparisons) in sources)
        {
            TokenPair[] pairs = [.. comparisons.Select(c => new TokenPair([], [Add(c.Chosen)], [Add(c.Rejected)]))];
            random.Shuffle(pairs);
            var tested = Math.Max(1, (int)(settings.HeldOutShare * pairs.Length));
            heldOut.Add((persona, pairs[..tested]));
            training.Add(pairs[tested..]);
        }

        return new RewardProblem([.. rows], size, training, heldOut);

        int Add(string text)
        {
            rows.AddRange(Features(text, settings.TextFeatures));
            return rows.Count / size - 1;
        }
    }

    /// <summary>Signed counts of hashed words divided by their length as a vector, then log of the number of words and mean word length.</summary>
    internal static float[] Features(string text, int hashed)
    {
        var features = new float[hashed + LengthFeatures];
        var words = text.ToLowerInvariant().Split(
            [.. text.Where(c => !char.IsLetterOrDigit(c) && c != '\'').Distinct()], StringSplitOptions.RemoveEmptyEntries);
        foreach (var word in words)
        {
            var hash = Fnv(word);
            features[hash % (uint)hashed] += (hash >> 31) == 0 ? 1 : -1;
        }

        var norm = MathF.Sqrt(features.Sum(f => f * f));
        for (var j = 0; j < hashed && norm > 0; j++)
            features[j] /= norm;
        features[hashed] = MathF.Log(1 + words.Length) / 4;
        features[hashed + 1] = words.Length == 0 ? 0 : (float)words.Average(w => w.Length) / 8;
        return features;
    }

    /// <summary>FNV-1a, the same in every process.</summary>
    private static uint Fnv(string word)
    {
        var hash = 2166136261u;
        foreach (var c in word)
            hash = unchecked((hash ^ c) * 16777619u);
        return hash;
    }
}
