using SoupsActors.Models.Experts;
using SoupsActors.Models.Inference;

namespace SoupsActors.Models.Tests.Inference;

/// <summary>Runs one sequence alone through a step model.</summary>
internal static class SequenceRun
{
    public static StepModelOptions Options { get; } = new()
    {
        BlockTokens = 4,
        BlockCount = 64,
        MaxTokensPerStep = 48,
        MaxSequences = 48,
    };

    /// <summary>Logits of every position, processed in chunks of the given size.</summary>
    public static float[][] Logits(IStepModel model, int[] tokens, Mix? mix = null, int chunk = 48)
    {
        var batch = Batch(model);
        batch.SequenceCount = 1;
        batch.Mixes[0] = mix ?? Mix.Empty;
        var logits = new List<float[]>();
        for (var start = 0; start < tokens.Length; start += chunk)
        {
            batch.TokenCount = batch.LogitRowCount = Math.Min(chunk, tokens.Length - start);
            for (var i = 0; i < batch.TokenCount; i++)
            {
                batch.Tokens[i] = tokens[start + i];
                batch.Positions[i] = start + i;
                batch.Sequences[i] = 0;
                batch.LogitRows[i] = i;
            }

            model.Forward(batch);
            logits.AddRange(batch.Logits.Chunk(model.VocabularySize).Take(batch.TokenCount));
        }

        return [.. logits];
    }

    /// <summary>A batch whose first sequence owns all cache blocks, last block first.</summary>
    public static StepBatch Batch(IStepModel model)
    {
        var batch = new StepBatch(
            Options.MaxTokensPerStep, Options.MaxSequences, model.BlockCount, model.VocabularySize);
        for (var i = 0; i < model.BlockCount; i++)
            batch.BlockTables[i] = model.BlockCount - 1 - i;
        return batch;
    }

    public static void AssertClose(double[][] expected, float[][] actual, double tolerance = 1e-4)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var t = 0; t < expected.Length; t++)
        {
            var scale = 1 + expected[t].Max(Math.Abs);
            for (var i = 0; i < expected[t].Length; i++)
            {
                Assert.True(
                    Math.Abs(expected[t][i] - actual[t][i]) < tolerance * scale,
                    $"Position {t}, logit {i}: expected {expected[t][i]}, got {actual[t][i]}.");
            }
        }
    }

    public static void AssertSameBits(float[][] expected, float[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var t = 0; t < expected.Length; t++)
            Assert.Equal(Bits(expected[t]), Bits(actual[t]));
    }

    public static int[] Bits(ReadOnlySpan<float> numbers) =>
        [.. System.Runtime.InteropServices.MemoryMarshal.Cast<float, int>(numbers)];
}
