using SoupsActors.Miniature.Experiments;
using SoupsActors.Miniature.Experiments.Trainings;
using SoupsActors.Miniature.Recipe;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Miniature.Tests.Experiments;

/// <summary>A miniature that knows next to nothing, built once for all tests of experiments.</summary>
[CollectionDefinition(Tests)]
public sealed class TinyMiniature : IAsyncLifetime, ICollectionFixture<TinyMiniature>
{
    public const string Tests = "experiments";

    private readonly string root = Directory.CreateTempSubdirectory("soups-experiments-").FullName;
    private int folders;

    public CpuBackend Backend { get; } = CpuBackend.Create(new CpuOptions { Threads = 1 });

    public MiniatureFolder Folder => new(Path.Combine(root, "miniature"));

    internal static PolicyTrainingOptions Policy { get; } = new()
    {
        Steps = 3,
        Prompts = 2,
        Samples = 1,
        Epochs = 1,
        MiniBatch = 2,
        MaxKlPerToken = null,
        MaxTokens = 8,
    };

    public async ValueTask InitializeAsync() =>
        await new MiniatureBuilder(Backend, MiniatureRecipe.Tiny, Folder).BuildAsync();

    public string NewOut() => Path.Combine(root, $"out{Interlocked.Increment(ref folders)}");

    public Task<ExperimentSummary> RunAsync(
        IExperiment experiment,
        string folder,
        IProgress<ExperimentProgress>? progress = null,
        int seed = 1,
        CancellationToken cancellationToken = default) =>
        ExperimentRunner.RunAsync(
            experiment, new ExperimentRequest(folder, Quick: true, seed, Folder), Backend, progress, cancellationToken);

    public ValueTask DisposeAsync()
    {
        Backend.Dispose();
        Directory.Delete(root, recursive: true);
        return ValueTask.CompletedTask;
    }
}

/// <summary>An experiment that only hands its context over.</summary>
internal sealed class Looking(Func<ExperimentContext, CancellationToken, Task> look) : IExperiment
{
    public string Name => "looking";

    public string Description => "Looks.";

    public string Measured => "Nothing.";

    public string NotClaimed => "Anything.";

    public object Settings(bool quick) => new { quick };

    public async Task<ExperimentReport> RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        await look(context, cancellationToken);
        return new ExperimentReport();
    }
}

/// <summary>Asks to stop once a stage has done some steps.</summary>
internal sealed class StopAt(string stage, int step, CancellationTokenSource stop) : IProgress<ExperimentProgress>
{
    public void Report(ExperimentProgress value)
    {
        if (value.Stage == stage && value.Step >= step)
            stop.Cancel();
    }
}
