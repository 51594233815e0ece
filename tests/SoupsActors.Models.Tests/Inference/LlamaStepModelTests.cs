using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Inference;
using SoupsActors.Models.Tests.Transformer;
using SoupsActors.Tensors;

namespace SoupsActors.Models.Tests.Inference;

public sealed class LlamaStepModelTests : IDisposable
{
    private readonly Backend backend = TestBackend.Create();

    public static TheoryData<string> Shapes => [.. Configs.Keys];

    private static Dictionary<string, TransformerConfig> Configs { get; } = new()
    {
        ["llama"] = TestModels.Config,
        ["tied"] = TestModels.Config with { TieWordEmbeddings = true },
        ["all biases"] = TestModels.Config with { AttentionBias = true, MlpBias = true },
        ["mistral"] = TestModels.Config with { Family = ModelFamily.Mistral, SlidingWindow = 32 },
        ["qwen2"] = TestModels.Config with { Family = ModelFamily.Qwen2, KeyValueHeadCount = 1 },
        ["qwen3"] = TestModels.Config with { Family = ModelFamily.Qwen3, HeadSize = 10 },
        ["one layer, many heads"] =
            TestModels.Config with { LayerCount = 1, HeadCount = 8, KeyValueHeadCount = 8, HeadSize = 2 },
    };

    public void Dispose() => backend.Dispose();

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Logits_equal_the_plain_transformer(string shape)
    {
        using var weights = TestModels.Weights(Configs[shape]);
        using var model = new LlamaStepModel(backend, weights, SequenceRun.Options);
        var tokens = TestModels.Tokens(17, seed: 3);

        var logits = SequenceRun.Logits(model, tokens);

        SequenceRun.AssertClose(new PlainTransformer(weights).Logits(tokens), logits);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(16)]
    public void Chunks_of_any_size_give_the_same_bits(int chunk)
    {
        using var weights = TestModels.Weights(TestModels.Config);
        using var model = new LlamaStepModel(backend, weights, SequenceRun.Options);
        var tokens = TestModels.Tokens(30, seed: 4);

        var whole = SequenceRun.Logits(model, tokens);

        SequenceRun.AssertSameBits(whole, SequenceRun.Logits(model, tokens, chunk: chunk));
    }

    [Fact]
    public void Logits_come_for_the_listed_rows_only_and_in_their_order()
    {
        using var weights = TestModels.Weights(TestModels.Config);
        using var model = new LlamaStepModel(backend, weights, SequenceRun.Options);
        var tokens = TestModels.Tokens(9, seed: 5);
        var all = SequenceRun.Logits(model, tokens);
        var batch = OneSequence(model, tokens);
        batch.LogitRowCount = 2;
        batch.LogitRows[0] = 7;
        batch.LogitRows[1] = 2;
        batch.Logits.AsSpan().Fill(-1);

        model.Forward(batch);

        var size = model.VocabularySize;
        Assert.Equal(SequenceRun.Bits(all[7]), SequenceRun.Bits(batch.Logits.AsSpan(0, size)));
        Assert.Equal(SequenceRun.Bits(all[2]), SequenceRun.Bits(batch.Logits.AsSpan(size, size)));
        Assert.Equal(-1, batch.Logits[2 * size]);
    }

    [Theory]
    [InlineData(ElementType.BFloat16, 0.05)]
    [InlineData(ElementType.Float16, 0.005)]
    public void Half_precision_weights_stay_close(ElementType type, double tolerance)
    {
        using var weights = TestModels.Weights(TestModels.Config);
        using var model = new LlamaStepModel(backend, weights, SequenceRun.Options with { WeightType = type });
        var tokens = TestModels.Tokens(12, seed: 6);

        var logits = SequenceRun.Logits(model, tokens);

        SequenceRun.AssertClose(new PlainTransformer(weights).Logits(tokens), logits, tolerance);
    }

    [Fact]
    public void Context_is_the_smallest_of_model_cache_and_option()
    {
        using var weights = TestModels.Weights(TestModels.Config);
        Assert.Equal(64, Context(SequenceRun.Options));
        Assert.Equal(12, Context(SequenceRun.Options with { BlockCount = 3 }));
        Assert.Equal(10, Context(SequenceRun.Options with { ContextLength = 10 }));

        int Context(StepModelOptions options)
        {
            using var model = new LlamaStepModel(backend, weights, options);
            return model.ContextLength;
        }
    }

    [Fact]
    public void A_token_outside_the_vocabulary_is_refused()
    {
        using var weights = TestModels.Weights(TestModels.Config);
        using var model = new LlamaStepModel(backend, weights, SequenceRun.Options);

        Assert.ThrowsAny<ArgumentException>(() => model.Forward(OneSequence(model, [model.VocabularySize])));
    }

    [Fact]
    public void A_step_larger_than_allocated_is_refused()
    {
        using var weights = TestModels.Weights(TestModels.Config);
        using var model = new LlamaStepModel(backend, weights, SequenceRun.Options with { MaxTokensPerStep = 4 });

        var error = Assert.Throws<ArgumentException>(() => model.Forward(OneSequence(model, [1, 2, 3, 4, 5])));

        Assert.Contains("5 tokens", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_below_one_are_refused()
    {
        using var weights = TestModels.Weights(TestModels.Config);

        Assert.Throws<ArgumentOutOfRangeException>(
            () => new LlamaStepModel(backend, weights, SequenceRun.Options with { BlockTokens = 0 }));
    }

    [Fact]
    public void Greedy_decoding_takes_the_most_likely_token_each_time()
    {
        using var weights = TestModels.Weights(TestModels.Config);
        using var model = new LlamaStepModel(backend, weights, SequenceRun.Options);
        int[][] prompts = [TestModels.Tokens(11, seed: 8), TestModels.Tokens(2, seed: 9)];

        var answers = new GreedyDecoder(model, maxSequences: 2, maxLength: 20, chunk: 5)
            .Decode(prompts, [Mix.Empty, Mix.Empty], newTokens: 6);

        for (var s = 0; s < prompts.Length; s++)
        {
            var logits = new PlainTransformer(weights).Logits([.. prompts[s], .. answers[s]]);
            var likely = logits.Skip(prompts[s].Length - 1).Take(6).Select(row => Array.IndexOf(row, row.Max()));
            Assert.Equal(likely, answers[s]);
        }
    }

    private static StepBatch OneSequence(LlamaStepModel model, int[] tokens)
    {
        var batch = SequenceRun.Batch(model);
        batch.SequenceCount = 1;
        batch.Mixes[0] = Mix.Empty;
        batch.TokenCount = tokens.Length;
        for (var i = 0; i < tokens.Length; i++)
        {
            batch.Tokens[i] = tokens[i];
            batch.Positions[i] = i;
        }

        batch.LogitRowCount = 1;
        return batch;
    }
}
