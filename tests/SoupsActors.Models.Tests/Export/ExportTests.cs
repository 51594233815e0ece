using SoupsActors.Models.Experts;
using SoupsActors.Models.Export;
using SoupsActors.Models.Files;
using SoupsActors.Models.Tests.Experts;
using SoupsActors.Models.Tests.Files;
using SoupsActors.Testing;

namespace SoupsActors.Models.Tests.Export;

public sealed class ExportTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_stacked_adapter_reloads_to_the_same_delta()
    {
        var partial = Samples.Expert(3, rank: 4, only: (_, module) => module == TargetModule.OProj);
        Expert[] experts = [Samples.Expert(1, rank: 1, scale: 3), Samples.Expert(2, rank: 2, initSeed: null), partial];
        var mix = Samples.Mix(MergeMode.Product, (experts[0], 0.3f), (experts[1], -1.7f), (partial, 1));
        var merged = AdapterMerge.Merge(mix, experts, "alice");
        Assert.Equal(0, merged.RelativeError);
        AdapterFolder.Save(merged.Expert, folder.Path);
        var read = AdapterFolder.Load(folder.Path, Samples.Config, Samples.BaseHash).Expert;
        Assert.Equal(merged.Expert.Hash, read.Hash);
        foreach (var factor in read.Factors)
        {
            Assert.Equal(factor.Module == TargetModule.OProj ? 7 : 3, factor.Rank);
            Samples.Close(DenseMerge.Delta(mix, experts, factor.Layer, factor.Module)!, Samples.Dense(factor), 2e-6);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(9)] // more than a k_proj can have
    public void A_cut_adapter_has_the_error_it_states(int rank)
    {
        Expert[] experts =
            [Samples.Expert(1, rank: 3), Samples.Expert(2, rank: 5), Samples.Expert(3, rank: 4, scale: 0.5f)];
        var mix = Samples.Mix(MergeMode.Product, (experts[0], 1), (experts[1], -0.5f), (experts[2], 0.7f));
        var merged = AdapterMerge.Merge(mix, experts, "alice", rank);
        double lost = 0;
        double total = 0;
        foreach (var factor in merged.Expert.Factors)
        {
            Assert.InRange(factor.Rank, 1, rank);
            var exact = DenseMerge.Delta(mix, experts, factor.Layer, factor.Module)!;
            var cut = Samples.Dense(factor);
            var moduleLost = exact.Zip(cut, (e, c) => (e - c) * (e - c)).Sum();
            var moduleTotal = exact.Sum(e => e * e);
            var stated = merged.ErrorByModule[ModelTensors.Path(factor.Layer, factor.Module)];
            Assert.Equal(Math.Sqrt(moduleLost / moduleTotal), stated, 1e-6);
            lost += moduleLost;
            total += moduleTotal;
        }

        Assert.Equal(Math.Sqrt(lost / total), merged.RelativeError, 1e-6);
        Assert.Equal(rank < 8, merged.RelativeError > 1e-3);
    }

    [Fact]
    public void Cutting_to_a_rank_that_suffices_loses_nothing_and_a_smaller_one_is_the_best()
    {
        // Two copies of one expert have twice the stacked rank, but the rank of one.
        var expert = Samples.Expert(1, rank: 2);
        var copy = ExpertContent.Create(
            "copy", expert.Factors.Select(f => f with { Scale = f.Scale * 2 }), expert.Provenance);
        var mix = Samples.Mix(MergeMode.Product, (expert, 1), (copy, 1));
        Assert.Equal(0, AdapterMerge.Merge(mix, [expert, copy], "x", 2).RelativeError, 1e-7);
        var errors = Enumerable.Range(1, 4)
            .Select(r => AdapterMerge.Merge(mix, [expert, copy], "x", r).RelativeError)
            .ToArray();
        Assert.InRange(errors[0], 0.05, 0.95);
        Assert.Equal(errors.OrderDescending(), errors);
    }

    [Fact]
    public void A_factor_merge_exports_at_the_rank_of_its_experts()
    {
        Expert[] experts = [Samples.Expert(1), Samples.Expert(2)];
        var mix = Samples.Mix(MergeMode.Factor, (experts[0], 0.25f), (experts[1], 0.75f));
        var merged = AdapterMerge.Merge(mix, experts, "alice");
        foreach (var factor in merged.Expert.Factors)
        {
            Assert.Equal(2, factor.Rank);
            Samples.Close(DenseMerge.Delta(mix, experts, factor.Layer, factor.Module)!, Samples.Dense(factor), 1e-6);
        }

        var wider = Samples.Expert(3, rank: 3);
        var wrong = Samples.Mix(MergeMode.Factor, (experts[0], 1), (wider, 1));
        Assert.Throws<ExpertMismatchException>(() => AdapterMerge.Merge(wrong, [experts[0], wider], "x"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Merging_one_expert_at_weight_one_keeps_its_scale(bool cut)
    {
        // Merges elsewhere have applied the scale twice, or alpha over the root of r once more than asked.
        var expert = Samples.Expert(1, rank: 8, scale: (float)(16 / Math.Sqrt(8)));
        var merged = AdapterMerge.Merge(Samples.Mix(MergeMode.Product, (expert, 1)), [expert], "x", cut ? 7 : null);
        foreach (var (factor, original) in merged.Expert.Factors.Zip(expert.Factors))
        {
            var expected = Samples.Dense(original);
            var tolerance = cut ? 0.35 * Math.Sqrt(expected.Sum(e => e * e)) : 1e-5;
            Samples.Close(expected, Samples.Dense(factor), tolerance);
            Assert.InRange(Norm(factor) / Norm(original), 0.9, 1.0001);
        }
    }

    [Fact]
    public void What_cannot_be_exported_is_refused()
    {
        var expert = Samples.Expert(1);
        Assert.Throws<ArgumentException>(() => AdapterMerge.Merge(Mix.Empty, [expert], "x"));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => AdapterMerge.Merge(Samples.Mix(MergeMode.Product, (expert, 1)), [expert], "x", 0));
    }

    [Fact]
    public void A_users_model_is_a_folder_that_loads_as_base_plus_mix()
    {
        using var baseModel = TinyModels.Weights(Samples.Config);
        Expert[] experts =
            [Samples.Expert(1, baseHash: baseModel.BaseHash), Samples.Expert(2, baseHash: baseModel.BaseHash)];
        var mix = Samples.Mix(MergeMode.Product, (experts[0], 0.5f), (experts[1], 0.5f));
        using var tokenizer = new TempFolder();
        tokenizer.WriteText("tokenizer.json", "{}");
        tokenizer.WriteText("notes.txt", "not part of a tokenizer");
        var hash = ModelExport.SaveMerged(baseModel, mix, experts, folder.Path, tokenizerFolder: tokenizer.Path);
        using var read = ModelWeights.Load(folder.Path);
        Assert.Equal(hash, read.BaseHash);
        Assert.NotEqual(baseModel.BaseHash, read.BaseHash);
        Assert.Equal("{}", File.ReadAllText(folder["tokenizer.json"]));
        Assert.False(File.Exists(folder["notes.txt"]));
    }

    [Fact]
    public void A_real_model_is_exported_with_an_expert()
    {
        using var baseModel = ModelWeights.Load(SharedData.Require("data/tinystories-656k"));
        var random = new Random(1);
        var (outputs, inputs) = baseModel.Config.Shape(TargetModule.VProj);
        var factors = new LoraFactors(
            1,
            TargetModule.VProj,
            4,
            inputs,
            outputs,
            0.1f,
            TinyModels.Values(random, 4 * inputs),
            TinyModels.Values(random, 4 * outputs));
        var expert = ExpertContent.Create("x", [factors], new ExpertProvenance(baseModel.BaseHash));
        var hash = ModelExport.SaveMerged(
            baseModel,
            Samples.Mix(MergeMode.Product, (expert, 1)),
            [expert],
            folder.Path,
            tokenizerFolder: SharedData.Require("data/tinystories-656k"));
        using var read = ModelWeights.Load(folder.Path);
        Assert.Equal(hash, read.BaseHash);
        Assert.True(File.Exists(folder["tokenizer.json"]));
    }

    private static double Norm(LoraFactors factor) => Math.Sqrt(Samples.Dense(factor).Sum(d => d * d));
}
