using SoupsActors.Learning.Data;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Training;
using SoupsActors.Tensors.Cpu;
using SoupsActors.Testing;

namespace SoupsActors.Learning.Tests;

/// <summary>A tiny random language with an engine, an adapter to train, and sentences for three preferences.</summary>
internal sealed class BaselineLab : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();

    public BaselineLab()
    {
        TinyModel.Create(folder.Path);
        Model = LearningModel.Load(folder.Path, Backend, maxTokens: 96);
        Policy = new LoraAdapter(
            Backend, Model.Transformer.Config, new LoraOptions { Rank = 4, Alpha = 8, InitSeed = 3 });
        Model.Transformer.Adapter = Policy;
    }

    public CpuBackend Backend { get; } = CpuBackend.Create(new CpuOptions { Threads = 1 });

    public LearningModel Model { get; }

    public LoraAdapter Policy { get; }

    public PreferencePrompts Words { get; } = new(new Dictionary<string, string>
    {
        ["P1A"] = "Say it simply.",
        ["P2A"] = "Be brief.",
        ["P2B"] = "Say it all.",
    });

    public Expert Expert() => ExpertContent.Create("policy", Policy.ToFactors(), new ExpertProvenance(Model.BaseHash));

    public async ValueTask DisposeAsync()
    {
        Policy.Dispose();
        await Model.DisposeAsync();
        Backend.Dispose();
        folder.Dispose();
    }
}
