using SoupsActors.Models.Experts;
using SoupsActors.Models.Inference;

namespace SoupsActors.Serving.Tests.Fakes;

/// <summary>
/// A model whose logits are a hash of what its paged cache gives back: tokens, positions and mixes of the whole
/// sequence. A wrong block table, a stale or shared block, or another row's λ changes the tokens.
/// </summary>
internal sealed class FakeStepModel(
    int vocabularySize = 24, int contextLength = 48, int blockTokens = 4, int blockCount = 64) : IStepModel
{
    public const string ForeignHash = "foreign";
    public const string NanHash = "nan";
    public const string BrokenHash = "broken";

    private readonly (int Token, int Position, ulong Mix)[] cache = new (int, int, ulong)[blockTokens * blockCount];
    private readonly Dictionary<string, Expert> residents = [];
    private readonly int[] blockOwners = new int[blockCount];
    private readonly ulong[] mixHashes = new ulong[4096];
    private readonly bool[] mixIsNan = new bool[4096];

    public int VocabularySize => vocabularySize;

    public int ContextLength => contextLength;

    public int BlockTokens => blockTokens;

    public int BlockCount => blockCount;

    public IReadOnlyCollection<string> Residents => residents.Keys;

    public int SetExpertsCalls { get; private set; }

    public int LargestStep { get; private set; }

    public List<int[]> StepShapes { get; } = [];

    public bool RecordsShapes { get; init; }

    public bool IsDisposed { get; private set; }

    public Action? OnForward { get; set; }

    public void SetExperts(IReadOnlyList<Expert> experts)
    {
        SetExpertsCalls++;
        foreach (var expert in experts)
        {
            if (expert.Hash == ForeignHash)
                throw new ExpertMismatchException("Expert foreign was trained on another base.");
        }

        residents.Clear();
        foreach (var expert in experts)
            residents.Add(expert.Hash, expert);
    }

    public void Forward(StepBatch batch)
    {
        OnForward?.Invoke();
        LargestStep = Math.Max(LargestStep, batch.TokenCount);
        if (RecordsShapes)
            StepShapes.Add([.. batch.Sequences.Take(batch.TokenCount).CountBy(s => s).Select(p => p.Value)]);
        CheckBlocks(batch);
        for (var s = 0; s < batch.SequenceCount; s++)
            (mixHashes[s], mixIsNan[s]) = HashMix(batch.Mixes[s]);
        for (var i = 0; i < batch.TokenCount; i++)
        {
            var sequence = batch.Sequences[i];
            var position = batch.Positions[i];
            cache[Slot(batch, sequence, position)] = (batch.Tokens[i], position, mixHashes[sequence]);
        }

        for (var row = 0; row < batch.LogitRowCount; row++)
        {
            var at = batch.LogitRows[row];
            var sequence = batch.Sequences[at];
            var state = mixHashes[sequence];
            for (var position = 0; position <= batch.Positions[at]; position++)
            {
                var (token, stored, mix) = cache[Slot(batch, sequence, position)];
                state = Hash(state ^ ((ulong)token << 32) ^ (ulong)stored ^ mix);
            }

            // Cubing favours few tokens, as a language model does.
            for (var v = 0; v < vocabularySize; v++)
            {
                var unit = (Hash(state + (ulong)v) >> 40) / (float)(1 << 24) * 2 - 1;
                batch.Logits[row * vocabularySize + v] = mixIsNan[sequence] ? float.NaN : 6 * unit * unit * unit;
            }
        }
    }

    public void Dispose() => IsDisposed = true;

    private static ulong Hash(ulong z)
    {
        z = (z ^ (z >> 33)) * 0xFF51AFD7ED558CCD;
        z = (z ^ (z >> 33)) * 0xC4CEB9FE1A85EC53;
        return z ^ (z >> 33);
    }

    private (ulong Hash, bool IsNan) HashMix(Mix mix)
    {
        var hash = (ulong)mix.Mode + 1;
        var isNan = false;
        foreach (var term in mix.Terms)
        {
            if (!residents.ContainsKey(term.ExpertHash))
                throw new InvalidOperationException($"Expert {term.ExpertHash} is not resident.");
            if (term.ExpertHash == BrokenHash)
                throw new InvalidOperationException("This expert breaks the step.");
            isNan |= term.ExpertHash == NanHash;
            foreach (var c in term.ExpertHash)
                hash = Hash(hash ^ c);
            hash = Hash(hash ^ BitConverter.SingleToUInt32Bits(term.Weight));
        }

        return (hash, isNan);
    }

    private int Slot(StepBatch batch, int sequence, int position) =>
        batch.BlockTables[sequence * batch.TableStride + position / blockTokens] * blockTokens + position % blockTokens;

    private void CheckBlocks(StepBatch batch)
    {
        Array.Fill(blockOwners, -1);
        for (var i = 0; i < batch.TokenCount; i++)
        {
            var sequence = batch.Sequences[i];
            for (var b = 0; b <= batch.Positions[i] / blockTokens; b++)
            {
                ref var owner = ref blockOwners[batch.BlockTables[sequence * batch.TableStride + b]];
                if (owner >= 0 && owner != sequence)
                    throw new InvalidOperationException("Two sequences share a block.");
                owner = sequence;
            }
        }
    }
}
