using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Inference;
using SoupsActors.Models.Tests.Transformer;
using SoupsActors.Tensors;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Models.Tests.Inference;

/// <summary>A row's bits depend on its own request only.</summary>
public sealed class RowIndependenceTests
{
    public static TheoryData<string, ElementType, InstructionSet> Models
    {
        get
        {
            var data = new TheoryData<string, ElementType, InstructionSet>
            {
                { "qwen3 with biases", ElementType.Float32, InstructionSet.Auto },
                { "llama", ElementType.BFloat16, InstructionSet.Auto },
            };
            foreach (var set in TestBackend.InstructionSets)
                data.Add("llama", ElementType.Float32, set);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Any_schedule_of_chunks_mixes_joins_and_swaps_gives_each_row_the_bits_of_its_single_run(
        string shape, ElementType type, InstructionSet set)
    {
        using var backend = TestBackend.Create(set);
        var config = shape == "llama"
            ? TestModels.Config
            : TestModels.Config with { Family = ModelFamily.Qwen3, AttentionBias = true, HeadSize = 10 };
        using var weights = TestModels.Weights(config);
        using var crowded = new LlamaStepModel(backend, weights, SequenceRun.Options with { WeightType = type });
        using var alone = new LlamaStepModel(backend, weights, SequenceRun.Options with { WeightType = type });

        // Equal ranks, scales and seeds, so that factor mixes of any of them are allowed too.
        Expert[] experts = [.. Enumerable.Range(1, 5).Select(i => TestModels.Expert(weights, i, rank: 3, initSeed: 7))];

        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            ScheduledRequest[] requests =
                [.. Enumerable.Range(0, 2 + random.Next(5)).Select(_ => Schedule.RandomRequest(experts, random))];
            new Schedule(crowded, experts, random).Run(requests);
            foreach (var request in requests)
                AssertEqualsSingleRun(alone, experts, request);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(30));
    }

    private static void AssertEqualsSingleRun(LlamaStepModel model, Expert[] experts, ScheduledRequest request)
    {
        model.SetExperts([.. experts.Where(e => request.Mix.Terms.ToArray().Any(t => t.ExpertHash == e.Hash))]);
        int[] tokens = [.. request.Tokens.SkipLast(1)];

        var logits = SequenceRun.Logits(model, tokens, request.Mix);

        SequenceRun.AssertSameBits([.. logits.Skip(request.Prompt.Length - 1)], [.. request.Logits]);
    }
}
