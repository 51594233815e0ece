using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Inference;
using SoupsActors.Models.Tests.Files;
using SoupsActors.Models.Tests.Transformer;

namespace SoupsActors.Models.Tests.Inference;

public sealed class DecodeWorkloadTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Model_experts_prompts_and_mixes_are_read()
    {
        var experts = Write("""
            {"prompts": [[1, 2], [3]], "prefill": [4, 5, 6], "lambda": [[0.5, 0], [1, -2]],
             "new_tokens": 7, "experts": 2}
            """);

        using var workload = DecodeWorkload.Load(folder.Path);

        Assert.Equal([[1, 2], [3]], workload.Prompts);
        Assert.Equal([4, 5, 6], workload.LongPrompt);
        Assert.Equal(7, workload.NewTokens);
        Assert.Equal(experts, workload.Experts);
        Assert.Equal(TestModels.Product((experts[0], 0.5f)), workload.Mixes[0]);
        Assert.Equal(TestModels.Product((experts[0], 1), (experts[1], -2)), workload.Mixes[1]);
    }

    [Theory]
    [InlineData("""{"prompts": [], "prefill": [1], "lambda": [[1]], "new_tokens": 1, "experts": 2}""", "one for each")]
    [InlineData("""{"prompts": [], "lambda": [[1, 1]], "new_tokens": 1, "experts": 2}""", "prefill")]
    [InlineData("[", "not a decoding workload")]
    public void A_broken_fixture_is_refused(string fixture, string reason)
    {
        Write(fixture);

        var error = Assert.Throws<ModelFormatException>(() => DecodeWorkload.Load(folder.Path));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_fixture_is_refused() =>
        Assert.Throws<ModelFormatException>(() => DecodeWorkload.Load(folder.Path));

    private Expert[] Write(string fixture)
    {
        using var weights = TestModels.Weights(TestModels.Config);
        weights.Save(Path.Combine(folder.Path, "hf"));
        File.WriteAllText(Path.Combine(folder.Path, "fixture.json"), fixture);
        return
        [
            .. Enumerable.Range(0, 2).Select(i =>
            {
                var drawn = TestModels.Expert(weights, i);
                var expert = ExpertContent.Create(drawn.Name, drawn.Factors, drawn.Provenance);
                return AdapterFolder.Save(expert, Path.Combine(folder.Path, "lora", $"{i}"));
            }),
        ];
    }
}
