using System.Text.Json;
using SoupsActors.Models.Files;
using SoupsActors.Models.Inference;
using SoupsActors.Models.Tokenization;
using SoupsActors.Serving.Tests.Fakes;
using SoupsActors.Testing;

namespace SoupsActors.Serving.Tests;

/// <summary>A real pretrained model with its tokenizer through the whole engine, all prompts in one batch.</summary>
public sealed class GoldenTests
{
    [Fact]
    public void Tinystories_answers_have_the_golden_tokens_and_their_text()
    {
        var json = File.ReadAllText(SharedData.Require("golden/tinystories-656k.json"));
        var golden = JsonDocument.Parse(json).RootElement;
        var folder = SharedData.Require("data/tinystories-656k");
        using var backend = new ReferenceBackend();
        using var weights = ModelWeights.Load(folder);
        var tokenizer = Tokenizer.Load(folder);
        var engine = GenerationEngine.WithoutThread(
            new LlamaStepModel(backend, weights, new StepModelOptions { BlockCount = 128 }),
            new TokenizerText(tokenizer));
        var examples = golden.EnumerateArray()
            .Select(e => (Ids: Ints(e, "ids"), Greedy: Ints(e, "greedy_ids")))
            .ToArray();

        var answers = examples.Select(e => engine.Submit(new GenerationRequest
        {
            Prompt = e.Ids,
            MaxTokens = e.Greedy.Length,
            StopTokens = tokenizer.EosId is { } end ? [end] : [],
            Sampling = new SamplingOptions { Temperature = 0 },
        })).ToArray();
        var received = answers.Select(a => Requests.Drain(engine, a)).ToArray();
        engine.StopNow();

        for (var i = 0; i < examples.Length; i++)
        {
            Assert.Equal(examples[i].Greedy, received[i].Tokens);
            Assert.Equal(tokenizer.Decode(examples[i].Greedy), received[i].Text);
        }
    }

    private static int[] Ints(JsonElement example, string name) =>
        [.. example.GetProperty(name).EnumerateArray().Select(v => v.GetInt32())];
}
