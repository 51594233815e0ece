using SoupsActors.Miniature.Recipe;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Miniature.Tests.Experiments;

/// <summary>A miniature that knows next to nothing, built once for all tests of experiments.</summary>
public sealed class TinyMiniature : IAsyncLifetime
{
    private readonly string root = Directory.CreateTempSubdirectory("soups-experiments-").FullName;
    private int folders;

    public TinyMiniature()
    {
        Folder = new MiniatureFolder(Path.Combine(root, "miniature"));
    }

    public async ValueTask InitializeAsync() =>
        await new MiniatureBuilder(Backend, MiniatureRecipe.Tiny, Folder).BuildAsync();

    public CpuBackend Backend { get; } = CpuBackend.Create(new CpuOptions { Threads = 1 });

    public MiniatureFolder Folder { get; }

    public string NewOut() => Path.Combine(root, $"out{Interlocked.Increment(ref folders)}");

    public ValueTask DisposeAsync()
    {
        Backend.Dispose();
        Directory.Delete(root, recursive: true);
        return ValueTask.CompletedTask;
    }
}
