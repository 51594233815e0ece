using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Tokenization.Pipeline;

/// <summary>
/// Byte-pair encoding of one word (Sennrich et al. 2016, section 3.2): of all adjacent pairs the one of lowest rank is
/// merged, the leftmost first, until none is left. O(n log n) in the length of the word.
/// </summary>
internal sealed class BytePairModel
{
    private const int LongestCachedWord = 64;
    private const int CachedWords = 1 << 15;
    private const int LargestId = 1 << 24;

    private readonly Dictionary<string, int> vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> pieces;
    private readonly Dictionary<long, Merge> merges = [];
    private readonly int[]? byteTokens;
    private readonly int unknown = -1;
    private readonly bool fuseUnknown;
    private readonly bool ignoreMerges;
    private readonly IReadOnlySet<int> controlIds;
    private ConcurrentDictionary<string, int[]> cache = new();
    private int cached;

    private readonly record struct Merge(int Rank, int Id);

    /// <summary>Reads the "model" of a tokenizer.json.</summary>
    /// <param name="part">The JSON object.</param>
    /// <param name="controlIds">Ids that no text may become through this model.</param>
    /// <exception cref="ModelFormatException">Another model, an unknown option, or broken tables.</exception>
    public BytePairModel(JsonElement part, IReadOnlySet<int> controlIds)
    {
        this.controlIds = controlIds;
        var type = part.OptionalText("type") ?? (part.Part("merges").IsAbsent() ? "(none)" : "BPE");
        if (type != "BPE")
            throw JsonParts.Unsupported("model", type, "BPE");
        if (part.Part("dropout") is { ValueKind: JsonValueKind.Number } dropout && dropout.GetDouble() > 0)
            throw TokenizerFile.Error("The tokenizer uses BPE dropout, which is not supported; set dropout to null.");
        foreach (var affix in (ReadOnlySpan<string>)["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (part.OptionalText(affix) is { Length: > 0 })
                throw TokenizerFile.Error($"The tokenizer's BPE option '{affix}' is not supported.");
        }

        vocabulary = ReadVocabulary(part.Part("vocab"));
        pieces = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        fuseUnknown = part.Flag("fuse_unk");
        ignoreMerges = part.Flag("ignore_merges");
        if (part.OptionalText("unk_token") is { } unk)
        {
            UnknownToken = unk;
            unknown = IdOf(unk) ?? throw TokenizerFile.Error($"The unknown token '{unk}' is not in the vocabulary.");
        }

        if (part.Flag("byte_fallback"))
            byteTokens = [.. Enumerable.Range(0, 256).Select(b => IdOf($"<0x{b:X2}>") ?? -1)];
        ReadMerges(part);
    }

    /// <summary>Tokens and their ids, without added tokens.</summary>
    public IReadOnlyDictionary<string, int> Vocabulary => vocabulary;

    /// <summary>What stands for characters that are not in the vocabulary.</summary>
    public string? UnknownToken { get; }

    /// <summary>Words in the cache, never more than its bound.</summary>
    internal int CacheCount => cache.Count;

    /// <summary>The id of a token.</summary>
    public int? IdOf(string token) => vocabulary.TryGetValue(token, out var id) ? id : null;

    /// <summary>Appends the ids of one word. Safe for concurrent use.</summary>
    public void Encode(string word, List<int> output)
    {
        if (word.Length == 0)
            return;
        if (ignoreMerges && vocabulary.TryGetValue(word, out var whole) && !controlIds.Contains(whole))
        {
            output.Add(whole);
            return;
        }

        var words = cache;
        if (words.TryGetValue(word, out var known))
        {
            output.AddRange(known);
            return;
        }

        var from = output.Count;
        MergeWord(word, output);
        if (word.Length > LongestCachedWord)
            return;
        if (Interlocked.Increment(ref cached) > CachedWords)
        {
            cache = new ConcurrentDictionary<string, int[]>();
            Volatile.Write(ref cached, 0);
        }
        else
        {
            words.TryAdd(word, [.. output[from..]]);
        }
    }

    private void MergeWord(string word, List<int> output)
    {
        // One symbol a character, or up to four where bytes stand in.
        var capacity = byteTokens is null ? word.Length : Encoding.UTF8.GetMaxByteCount(word.Length);
        var buffer = ArrayPool<int>.Shared.Rent(3 * capacity);
        try
        {
            var symbols = buffer.AsSpan(0, capacity);
            var count = Symbols(word, symbols);
            var previous = buffer.AsSpan(capacity, count);
            var next = buffer.AsSpan(2 * capacity, count);
            MergeAll(symbols[..count], previous, next);
            for (var i = 0; i < count; i = next[i])
                output.Add(symbols[i]);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(buffer);
        }
    }

    /// <summary>The characters' ids, with bytes or the unknown token for those that have none.</summary>
    private int Symbols(string word, Span<int> symbols)
    {
        var count = 0;
        var pending = false;
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < word.Length;)
        {
            var width = char.IsSurrogatePair(word, i) ? 2 : 1;
            var piece = word.AsSpan(i, width);
            i += width;
            if (pieces.TryGetValue(piece, out var id))
            {
                if (pending)
                    symbols[count++] = unknown;
                pending = false;
                symbols[count++] = id;
                continue;
            }

            var bytes = utf8[..Encoding.UTF8.GetBytes(piece, utf8)];
            if (byteTokens is not null && HasAll(bytes))
            {
                foreach (var b in bytes)
                    symbols[count++] = byteTokens[b];
            }
            else if (unknown >= 0)
            {
                if (pending && !fuseUnknown)
                    symbols[count++] = unknown;
                pending = true;
            }
        }

        if (pending)
            symbols[count++] = unknown;
        return count;
    }

    private bool HasAll(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            if (byteTokens![b] < 0)
                return false;
        }

        return true;
    }

    /// <summary>Merges in place; afterwards the live symbols are 0, next[0], next[next[0]] and so on.</summary>
    private void MergeAll(Span<int> symbols, Span<int> previous, Span<int> next)
    {
        const int dead = -1;
        var queue = new PriorityQueue<int, long>();
        for (var i = 0; i < symbols.Length; i++)
        {
            previous[i] = i - 1;
            next[i] = i + 1;
            if (i > 0)
                Offer(queue, symbols, i - 1, i);
        }

        // An entry is the left position and the merged id; stale ones are seen by looking the pair up again.
        while (queue.TryDequeue(out var id, out var priority))
        {
            var left = (int)(priority & int.MaxValue);
            if (symbols[left] == dead || next[left] >= symbols.Length)
                continue;
            var right = next[left];
            if (!merges.TryGetValue(Pair(symbols[left], symbols[right]), out var merge) || merge.Id != id)
                continue;

            symbols[left] = id;
            symbols[right] = dead;
            next[left] = next[right];
            if (next[left] < symbols.Length)
            {
                previous[next[left]] = left;
                Offer(queue, symbols, left, next[left]);
            }

            if (previous[left] >= 0)
                Offer(queue, symbols, previous[left], left);
        }
    }

    private void Offer(PriorityQueue<int, long> queue, Span<int> symbols, int left, int right)
    {
        if (merges.TryGetValue(Pair(symbols[left], symbols[right]), out var merge))
            queue.Enqueue(merge.Id, ((long)merge.Rank << 31) | (uint)left);
    }

    private static long Pair(int left, int right) => ((long)left << 32) | (uint)right;

    private static Dictionary<string, int> ReadVocabulary(JsonElement part)
    {
        if (part.ValueKind != JsonValueKind.Object)
            throw TokenizerFile.Error("The model of tokenizer.json lacks its 'vocab'.");
        var tokens = new Dictionary<string, int>(StringComparer.Ordinal);
        var ids = new HashSet<int>();
        foreach (var entry in part.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out var id)
                || id is < 0 or > LargestId)
            {
                throw TokenizerFile.Error($"The token '{entry.Name}' has no id from 0 to {LargestId}.");
            }

            if (!tokens.TryAdd(entry.Name, id) || !ids.Add(id))
                throw TokenizerFile.Error($"The token '{entry.Name}' or its id {id} is in the vocabulary twice.");
        }

        return tokens;
    }

    private void ReadMerges(JsonElement part)
    {
        var rank = 0;
        foreach (var item in part.Items("merges", "model"))
        {
            var (left, right) = ReadPair(item);
            if (!vocabulary.TryGetValue(left, out var a) || !vocabulary.TryGetValue(right, out var b)
                || !vocabulary.TryGetValue(left + right, out var merged))
            {
                throw TokenizerFile.Error(
                    $"Merge {rank} ('{left}' and '{right}') uses a token outside the vocabulary.");
            }

            // A pair listed twice has its later rank, as in the reference implementation.
            merges[Pair(a, b)] = new Merge(rank++, merged);
        }
    }

    private static (string Left, string Right) ReadPair(JsonElement item)
    {
        string[] parts = item.ValueKind switch
        {
            JsonValueKind.String => item.GetString()!.Split(' '),
            JsonValueKind.Array => [.. item.EnumerateArray().Select(
                e => e.ValueKind == JsonValueKind.String ? e.GetString()! : "")],
            _ => [],
        };
        return parts is [{ Length: > 0 } left, { Length: > 0 } right]
            ? (left, right)
            : throw TokenizerFile.Error($"The merge {item.GetRawText()} is not a pair of tokens.");
    }
}
