using System.Runtime.InteropServices;

namespace SoupsActors.Models.Tokenization.Training;

/// <summary>
/// The words of a corpus with their counts, and the counts of adjacent pairs, kept up to date while pairs are merged.
/// </summary>
internal sealed class PairTable
{
    private readonly List<Word> words = [];
    private readonly Dictionary<(int Left, int Right), long> counts = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> places = [];
    private readonly PriorityQueue<(int Left, int Right), Rank> queue = new();

    private sealed class Word(int[] symbols, long count)
    {
        public int[] Symbols { get; } = symbols;

        public int Length { get; set; } = symbols.Length;

        public long Count { get; } = count;
    }

    /// <summary>More frequent pairs first; of equally frequent ones that of the smaller ids.</summary>
    private readonly record struct Rank(long Count, int Left, int Right) : IComparable<Rank>
    {
        public int CompareTo(Rank other)
        {
            var byCount = other.Count.CompareTo(Count);
            if (byCount != 0)
                return byCount;
            return Left != other.Left ? Left.CompareTo(other.Left) : Right.CompareTo(other.Right);
        }

        public static bool operator <(Rank a, Rank b) => a.CompareTo(b) < 0;

        public static bool operator >(Rank a, Rank b) => a.CompareTo(b) > 0;

        public static bool operator <=(Rank a, Rank b) => a.CompareTo(b) <= 0;

        public static bool operator >=(Rank a, Rank b) => a.CompareTo(b) >= 0;
    }

    public void Add(int[] symbols, long count)
    {
        var index = words.Count;
        words.Add(new Word(symbols, count));
        for (var i = 0; i + 1 < symbols.Length; i++)
            Change((symbols[i], symbols[i + 1]), index, count);
    }

    /// <summary>Call once after the last <see cref="Add"/>.</summary>
    public void Seal()
    {
        foreach (var (pair, count) in counts)
            queue.Enqueue(pair, new Rank(count, pair.Left, pair.Right));
    }

    /// <summary>
    /// The most frequent pair that occurs at least so often; it will not be offered again until its count grows.
    /// </summary>
    public (int Left, int Right)? Next(long minimum)
    {
        while (queue.TryDequeue(out var pair, out var rank))
        {
            var count = counts.GetValueOrDefault(pair);
            if (count < minimum)
                continue;
            if (count == rank.Count)
                return pair;
            queue.Enqueue(pair, rank with { Count = count });
        }

        return null;
    }

    /// <summary>Replaces a pair by one symbol, from left to right in every word.</summary>
    public void Merge((int Left, int Right) pair, int merged)
    {
        if (!places.Remove(pair, out var holders))
            return;
        var grown = new HashSet<(int, int)>();
        foreach (var index in holders)
        {
            var word = words[index];
            var symbols = word.Symbols;
            var kept = 0;
            for (var i = 0; i < word.Length; i++)
            {
                if (i + 1 >= word.Length || symbols[i] != pair.Left || symbols[i + 1] != pair.Right)
                {
                    symbols[kept++] = symbols[i];
                    continue;
                }

                Change(pair, index, -word.Count);
                if (kept > 0)
                {
                    Change((symbols[kept - 1], pair.Left), index, -word.Count);
                    grown.Add(Change((symbols[kept - 1], merged), index, word.Count));
                }

                if (i + 2 < word.Length)
                {
                    Change((pair.Right, symbols[i + 2]), index, -word.Count);
                    grown.Add(Change((merged, symbols[i + 2]), index, word.Count));
                }

                symbols[kept++] = merged;
                i++;
            }

            word.Length = kept;
        }

        counts.Remove(pair);
        places.Remove(pair);
        foreach (var (left, right) in grown)
        {
            if (counts.TryGetValue((left, right), out var count) && count > 0)
                queue.Enqueue((left, right), new Rank(count, left, right));
        }
    }

    /// <summary>Forgets a pair that must not be merged.</summary>
    public void Drop((int Left, int Right) pair)
    {
        counts.Remove(pair);
        places.Remove(pair);
    }

    private (int Left, int Right) Change((int Left, int Right) pair, int word, long by)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, pair, out _);
        count += by;
        if (by > 0)
        {
            ref var holders = ref CollectionsMarshal.GetValueRefOrAddDefault(places, pair, out _);
            (holders ??= []).Add(word);
        }

        return pair;
    }
}
