using System.Text.Json;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Inference;
using SoupsActors.Testing;

namespace SoupsActors.Models.Tests.Inference;

/// <summary>A real pretrained model against an independent forward pass in double precision.</summary>
public sealed class GoldenTests
{
    [Fact]
    public void Tinystories_logits_likelihoods_and_greedy_tokens_equal_the_golden_ones()
    {
        var json = File.ReadAllText(SharedData.Require("golden/tinystories-656k.json"));
        var golden = JsonDocument.Parse(json).RootElement;
        using var backend = TestBackend.Create();
        using var weights = ModelWeights.Load(SharedData.Require("data/tinystories-656k"));
        using var model = new LlamaStepModel(backend, weights, SequenceRun.Options);

        foreach (var example in golden.EnumerateArray())
            Check(model, example);
    }

    private static void Check(LlamaStepModel model, JsonElement golden)
    {
        var ids = Ints(golden.GetProperty("ids"));
        var logits = SequenceRun.Logits(model, ids);

        var last = Array.ConvertAll(logits[^1], v => (double)v);
        var first = golden.GetProperty("last_logits_first16").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        for (var i = 0; i < first.Length; i++)
            Assert.Equal(first[i], last[i], 1e-4 * Math.Max(1, Math.Abs(first[i])));
        var sum = golden.GetProperty("last_logits_sum").GetDouble();
        Assert.Equal(sum, last.Sum(), 1e-4 * Math.Abs(sum));
        Assert.Equal(Ints(golden.GetProperty("argmax")), logits.Select(row => Array.IndexOf(row, row.Max())));

        var nll = golden.GetProperty("nll_sum").GetDouble();
        Assert.Equal(nll, ids.Skip(1).Select((id, t) => -LogSoftmax(logits[t], id)).Sum(), 1e-4 * Math.Max(1, nll));

        // The golden answers end with the end token.
        var greedy = Ints(golden.GetProperty("greedy_ids"));
        var answers = new GreedyDecoder(model, maxSequences: 1, maxLength: ids.Length + greedy.Length, chunk: 48)
            .Decode([ids], [Mix.Empty], greedy.Length);
        Assert.Equal(greedy, answers[0]);
    }

    private static double LogSoftmax(float[] logits, int index)
    {
        var max = (double)logits.Max();
        return logits[index] - max - Math.Log(logits.Sum(v => Math.Exp(v - max)));
    }

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetInt32())];
}
