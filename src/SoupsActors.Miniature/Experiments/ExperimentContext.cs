using SoupsActors.Learning;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Training;
using SoupsActors.Miniature.Recipe;
using SoupsActors.Models.Experts;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Experiments;

/// <summary>
/// What an experiment works with: a miniature to learn on, and a folder that remembers finished stages.
/// </summary>
public sealed class ExperimentContext : IAsyncDisposable
{
    private readonly StageStore stages;
    private readonly IProgress<ExperimentProgress> progress;
    private LearningModel? model;

    internal ExperimentContext(
        string folder,
        string fingerprint,
        ExperimentRequest request,
        Backend backend,
        IProgress<ExperimentProgress> progress)
    {
        Work = Path.Combine(folder, "work");
        Fingerprint = fingerprint;
        Quick = request.Quick;
        Seed = request.Seed;
        Miniature = request.Miniature;
        Data = request.Data;
        Backend = backend;
        this.progress = progress;
        stages = new StageStore(Work);
    }

    /// <summary>Whether the short form was asked for.</summary>
    public bool Quick { get; }

    /// <summary>Seed of everything random.</summary>
    public int Seed { get; }

    /// <summary>Base model, experts and what else is packaged.</summary>
    public MiniatureFolder Miniature { get; }

    /// <summary>Folder of extra data, or null where none was given.</summary>
    public string? Data { get; }

    /// <summary>The device; shared by all models of the run.</summary>
    public Backend Backend { get; }

    /// <summary>Names all that results depend on; state of another run is never continued.</summary>
    public string Fingerprint { get; }

    /// <summary>Where stages keep results, checkpoints and trained experts.</summary>
    public string Work { get; }

    /// <summary>The miniature's base, frozen, with an engine that samples from it; loaded on first use.</summary>
    public LearningModel Model => model ??= LearningModel.Load(Miniature.Base, Backend);

    /// <summary>What finished stages cost, in the order they were first asked for.</summary>
    public IReadOnlyList<StageCost> Costs => stages.Costs;

    /// <summary>
    /// The result of a stage: computed and stored as JSON, or read back where an earlier run has finished it. It is
    /// always the one that was stored, so that a resumed run goes on with the same bits.
    /// </summary>
    /// <param name="name">Unique in the experiment; letters, digits, <c>-</c>, <c>_</c> and <c>.</c>.</param>
    /// <param name="run">Computes the result; not called where it is stored already.</param>
    /// <exception cref="ArgumentException">The name cannot be a file's, or was asked for before.</exception>
    public async Task<T> StageAsync<T>(string name, Func<Task<T>> run)
    {
        progress.Report(new ExperimentProgress(name, 0, 1));
        var result = await stages.GetOrRunAsync(name, run);
        progress.Report(new ExperimentProgress(name, 1, 1));
        return result;
    }

    /// <summary>The same for work that only computes.</summary>
    public Task<T> StageAsync<T>(string name, Func<T> run) => StageAsync(name, () => Task.FromResult(run()));

    /// <summary>
    /// An expert that a stage trains: kept as an adapter folder below <see cref="Work"/> and read back by later runs.
    /// </summary>
    /// <param name="name">As for <see cref="StageAsync{T}(string, Func{Task{T}})"/>.</param>
    /// <param name="train">Trains it; the checkpoint lets a stopped training go on and is removed afterwards.</param>
    public async Task<Expert> ExpertAsync(string name, Func<Checkpoint, Task<Expert>> train)
    {
        var folder = Path.Combine(Work, "experts", name);
        var checkpoint = Checkpoint(name);
        var hash = await StageAsync(name, async () => AdapterFolder.Save(await train(checkpoint), folder).Hash);

        // Not before the stage's result is stored: a run that is killed in between would train all over again.
        checkpoint.Delete();
        var expert = Model.LoadExpert(folder);
        return expert.Hash == hash
            ? expert
            : throw new InvalidOperationException(
                $"The expert in {folder} is not the one that stage '{name}' trained. Delete the work folder to "
                + "start anew.");
    }

    /// <summary>
    /// A reward model that a stage trains: kept as a folder below <see cref="Work"/> and read back by later runs.
    /// </summary>
    /// <param name="name">As for <see cref="StageAsync{T}(string, Func{Task{T}})"/>.</param>
    /// <param name="train">Trains it; the checkpoint lets a stopped training go on and is removed afterwards.</param>
    /// <returns>The model, which is the caller's.</returns>
    public async Task<RewardModel> RewardAsync(string name, Func<Checkpoint, Task<RewardModel>> train)
    {
        var folder = Path.Combine(Work, "rewards", name);
        var checkpoint = Checkpoint(name);
        var hash = await StageAsync(name, async () =>
        {
            using var trained = await train(checkpoint);
            return trained.Save(folder);
        });

        // As above.
        checkpoint.Delete();
        var read = RewardModel.Load(folder, Model.Transformer, Model.BaseHash);
        if (read.ContentHash() == hash)
            return read;
        read.Dispose();
        throw new InvalidOperationException(
            $"{folder} does not hold the reward model that stage '{name}' trained. Delete the work folder to start "
            + "anew.");
    }

    /// <summary>
    /// A checkpoint below <see cref="Work"/> that only a run with the same settings continues. Its folder is the place
    /// for whatever else a training writes.
    /// </summary>
    public Checkpoint Checkpoint(string name) =>
        new(Path.Combine(Work, "checkpoints", name, "state.safetensors"), $"{Fingerprint}/{name}");

    /// <summary>
    /// A seed for one purpose and one part of it, such as a step: a function of <see cref="Seed"/> and both.
    /// </summary>
    public ulong SeedOf(string purpose, int part = 0)
    {
        // FNV-1a: string hashes of the runtime differ from process to process.
        var hash = purpose.Aggregate(0xcbf29ce484222325, (sum, c) => unchecked((sum ^ c) * 0x100000001b3));
        return RolloutSeeds.Of(RolloutSeeds.Of(hash, Seed), part);
    }

    /// <summary>Chance for one purpose and part, seeded by <see cref="SeedOf"/>.</summary>
    public Random RandomOf(string purpose, int part = 0) => new((int)(SeedOf(purpose, part) >> 33));

    /// <summary>Tells whoever watches how far the current stage has come.</summary>
    public void Report(string stage, int step, int steps, string? note = null) =>
        progress.Report(new ExperimentProgress(stage, step, steps, note));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (model is not null)
            await model.DisposeAsync();
    }
}
