using System.Text.Json;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Inference;

namespace SoupsActors.Models.Tests.Inference;

/// <summary>
/// Greedy tokens against those of other runtimes. SOUPS_PEER_MODELS names a folder of decoding workloads, in each of
/// which ids.jsonl has lines with the metric "greedy_ids": a variant (base or mix), a user, and the ids as value.
/// </summary>
public sealed class PeerModelTests
{
    public static TheoryData<string> Workloads => ["mini", "stories15M", "smol135M"];

    [Theory]
    [MemberData(nameof(Workloads))]
    public void Greedy_tokens_equal_those_of_other_runtimes(string shape)
    {
        var folder = Path.Combine(Environment.GetEnvironmentVariable("SOUPS_PEER_MODELS") ?? "", shape);
        var idsPath = Path.Combine(folder, "ids.jsonl");
        if (!File.Exists(idsPath))
            Assert.Skip($"SOUPS_PEER_MODELS names no folder with {shape}/ids.jsonl.");

        using var backend = TestBackend.Create();
        using var workload = DecodeWorkload.Load(folder);
        using var model = new LlamaStepModel(backend, workload.Weights, new StepModelOptions { BlockCount = 256 });
        model.SetExperts(workload.Experts);
        var decoder = new GreedyDecoder(model, workload.Prompts.Count, maxLength: 96, chunk: 64);

        // All users at once: each must get what the others' runtimes give it alone.
        var none = workload.Prompts.Select(_ => Mix.Empty).ToArray();
        var answers = new Dictionary<string, int[][]>
        {
            ["base"] = decoder.Decode(workload.Prompts, none, workload.NewTokens),
            ["mix"] = decoder.Decode(workload.Prompts, workload.Mixes, workload.NewTokens),
        };
        var compared = 0;
        foreach (var line in File.ReadLines(idsPath).Select(l => JsonDocument.Parse(l).RootElement))
        {
            if (line.GetProperty("metric").GetString() != "greedy_ids")
                continue;
            var expected = line.GetProperty("value").EnumerateArray().Select(v => v.GetInt32());
            var ofVariant = answers[line.GetProperty("variant").GetString()!];
            Assert.Equal(expected, ofVariant[line.GetProperty("user").GetInt32()]);
            compared++;
        }

        Assert.NotEqual(0, compared);
    }
}
