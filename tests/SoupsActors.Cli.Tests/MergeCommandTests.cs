using SoupsActors.Miniature.Recipe;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;

namespace SoupsActors.Cli.Tests;

public sealed class MergeCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("soups-merge-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_mix_becomes_a_model_of_its_own()
    {
        var (code, output) = await ToolRun.SoupsAsync("merge", "--mix", "P1A=1,P2B=0.5", "--out", folder);
        Assert.Equal((SoupsTool.Success, true), (code, output.Contains(folder, StringComparison.Ordinal)));
        using var merged = ModelWeights.Load(folder);
        using var packaged = ModelWeights.Load(MiniatureFolder.Packaged.Base);
        Assert.Equal(packaged.Config, merged.Config);
        Assert.NotEqual(packaged.BaseHash, merged.BaseHash);
        Assert.True(File.Exists(Path.Combine(folder, "tokenizer.json")));
    }

    [Fact]
    public async Task A_mix_becomes_one_adapter_exact_or_of_a_rank_with_its_error()
    {
        using var packaged = ModelWeights.Load(MiniatureFolder.Packaged.Base);
        var (_, exact) = await ToolRun.SoupsAsync("merge", "--mix", "P1A=1", "P2A=1", "--adapter", "--out", folder, "--json");
        var stacked = AdapterFolder.Load(folder, packaged.Config, packaged.BaseHash).Expert;
        Assert.All(stacked.Factors, f => Assert.Equal(16, f.Rank));
        Assert.Contains("\"relative_error\":0", exact, StringComparison.Ordinal);

        var (_, best) = await ToolRun.SoupsAsync("merge", "--mix", "P1A=1", "P2A=1", "--adapter", "--rank", "4", "--out", folder, "--json");
        Assert.All(AdapterFolder.Load(folder, packaged.Config, packaged.BaseHash).Expert.Factors, f => Assert.Equal(4, f.Rank));
        Assert.DoesNotContain("\"relative_error\":0,", best, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expert_that_is_not_there_is_named()
    {
        var (code, _, errors) = await ToolRun.SoupsAsync("merge", "--mix", "P9Z=1", "--out", folder);
        Assert.Equal(SoupsTool.Failure, code);
        Assert.Contains("P9Z", errors, StringComparison.Ordinal);
    }
}
