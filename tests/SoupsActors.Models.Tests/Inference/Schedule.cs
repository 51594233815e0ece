using SoupsActors.Models.Experts;
using SoupsActors.Models.Inference;
using SoupsActors.Models.Tests.Transformer;

namespace SoupsActors.Models.Tests.Inference;

/// <summary>One request of a random schedule: its prompt, its mix and the logits it has got.</summary>
internal sealed record ScheduledRequest(int[] Prompt, Mix Mix, int NewTokens)
{
    public List<int> Tokens { get; } = [.. Prompt];

    public List<float[]> Logits { get; } = [];

    public int[] Blocks { get; set; } = [];

    public int Done { get; set; }

    public bool Finished => Logits.Count == NewTokens;

    public ScheduledRequest Fresh() => new(Prompt, Mix, NewTokens);
}

/// <summary>
/// Runs requests in random company: they join and leave at random, take prompt chunks of random sizes, sit in random
/// rows and cache blocks, and experts that nobody needs come and go between steps.
/// </summary>
internal sealed class Schedule(LlamaStepModel model, IReadOnlyList<Expert> experts, Random random)
{
    private readonly StepBatch batch = new(
        SequenceRun.Options.MaxTokensPerStep, SequenceRun.Options.MaxSequences, 8, model.VocabularySize);

    private readonly Stack<int> freeBlocks = new(Shuffled(Enumerable.Range(0, model.BlockCount), random));

    public static ScheduledRequest RandomRequest(IReadOnlyList<Expert> experts, Random random)
    {
        var terms = Shuffled(experts, random).Take(random.Next(4))
            .Select(e => new MixTerm(e.Hash, (float)(random.NextDouble() * 4 - 2)));
        var mode = random.Next(3) == 0 ? MergeMode.Factor : MergeMode.Product;
        return new ScheduledRequest(
            TestModels.Tokens(1 + random.Next(18), random.Next()), Mix.Create(mode, terms), 1 + random.Next(5));
    }

    public void Run(IReadOnlyList<ScheduledRequest> requests)
    {
        var waiting = new Queue<ScheduledRequest>(requests);
        var active = new List<ScheduledRequest>();
        while (waiting.Count > 0 || active.Count > 0)
        {
            while (waiting.Count > 0 && (active.Count == 0 || random.Next(2) == 0))
                active.Add(Admit(waiting.Dequeue()));
            if (random.Next(3) == 0)
                model.SetExperts(NeededAndSomeOthers(active));
            else if (active.Any(a => a.Done == 0))
                model.SetExperts(experts);

            Step([.. Shuffled(active, random).Take(1 + random.Next(active.Count))]);
            foreach (var finished in active.Where(a => a.Finished).ToArray())
            {
                active.Remove(finished);
                foreach (var block in finished.Blocks)
                    freeBlocks.Push(block);
            }
        }
    }

    private static T[] Shuffled<T>(IEnumerable<T> items, Random random)
    {
        T[] shuffled = [.. items];
        random.Shuffle(shuffled);
        return shuffled;
    }

    private ScheduledRequest Admit(ScheduledRequest request)
    {
        var tokens = request.Prompt.Length + request.NewTokens;
        var blocks = (tokens + model.BlockTokens - 1) / model.BlockTokens;
        request.Blocks = [.. Enumerable.Range(0, blocks).Select(_ => freeBlocks.Pop())];
        return request;
    }

    private List<Expert> NeededAndSomeOthers(List<ScheduledRequest> active)
    {
        var needed = active.SelectMany(a => a.Mix.Terms.ToArray()).Select(t => t.ExpertHash).ToHashSet();
        return [.. Shuffled(experts.Where(e => needed.Contains(e.Hash) || random.Next(2) == 0), random)];
    }

    private void Step(ScheduledRequest[] chosen)
    {
        var row = 0;
        batch.SequenceCount = chosen.Length;
        batch.LogitRowCount = 0;
        var wanted = new List<ScheduledRequest>();
        for (var s = 0; s < chosen.Length; s++)
        {
            var request = chosen[s];
            batch.Mixes[s] = request.Mix;
            request.Blocks.CopyTo(batch.BlockTables, s * batch.TableStride);
            var room = SequenceRun.Options.MaxTokensPerStep - row - (chosen.Length - s - 1);
            var count = Math.Min(room, 1 + random.Next(request.Tokens.Count - request.Done));
            for (var i = 0; i < count; i++, row++)
            {
                batch.Tokens[row] = request.Tokens[request.Done + i];
                batch.Positions[row] = request.Done + i;
                batch.Sequences[row] = s;
            }

            request.Done += count;
            if (request.Done == request.Tokens.Count)
            {
                batch.LogitRows[batch.LogitRowCount++] = row - 1;
                wanted.Add(request);
            }
        }

        batch.TokenCount = row;
        model.Forward(batch);
        for (var i = 0; i < wanted.Count; i++)
        {
            var logits = batch.Logits.AsSpan(i * model.VocabularySize, model.VocabularySize).ToArray();
            wanted[i].Logits.Add(logits);
            wanted[i].Tokens.Add(Array.IndexOf(logits, logits.Max()));
        }
    }
}
