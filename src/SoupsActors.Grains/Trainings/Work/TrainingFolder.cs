using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Files;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings.Work;

/// <summary>
/// The files of one training below the data directory: data, checkpoints, results of phases. Everything appears whole or
/// not at all, so that a process that ends at any moment leaves a folder to go on with.
/// </summary>
internal sealed class TrainingFolder(string root, string training)
{
    private const string Identity = "training.txt";

    private readonly string path = Path.Combine(root, training);

    public string Data => this["data"];

    public string Reward => this["reward"];

    /// <summary>The reward model of another seed that judges where no other judge is asked for.</summary>
    public string JudgeReward => this["judge"];

    public string Policy => this["policy"];

    public string Candidate => this["candidate"];

    public string this[string name] => Path.Combine(path, name);

    /// <summary>Makes the folder ready; what another training of the same name left there is removed.</summary>
    public void Open(TrainingStatus training)
    {
        var mine = $"{training.Id} {training.StartedAt:O}";
        var file = this[Identity];
        if (File.Exists(file) && File.ReadAllText(file) == mine)
            return;
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        AtomicFile.Write(file, Encoding.UTF8.GetBytes(mine));
    }

    /// <summary>
    /// Keeps other silos from working on the training until it is disposed or the process ends, however it ends.
    /// </summary>
    /// <exception cref="IOException">
    /// Another silo works on it: it does not know yet that the training has moved.
    /// </exception>
    public IDisposable Own()
    {
        Directory.CreateDirectory(root);
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new IOException($"Another silo works on the training {training} at the moment.", error);
        }
    }

    /// <summary>The result that a phase left, or null.</summary>
    public StageOutcome? Result(TrainingPhase phase)
    {
        var file = ResultFile(phase);
        return File.Exists(file) ? JsonSerializer.Deserialize<StageOutcome>(File.ReadAllBytes(file)) : null;
    }

    /// <summary>Keeps the result of a phase; until then the state of its reward models is needed.</summary>
    public void Keep(TrainingPhase phase, StageOutcome outcome)
    {
        AtomicFile.Write(ResultFile(phase), JsonSerializer.SerializeToUtf8Bytes(outcome with { Seconds = 0 }));
        if (phase != TrainingPhase.RewardModel)
            return;
        File.Delete(StateOf(Reward));
        File.Delete(StateOf(JudgeReward));
    }

    /// <summary>Where the training of a reward model keeps its state.</summary>
    /// <param name="model">The reward model's folder.</param>
    public static string StateOf(string model) => model + ".safetensors";

    /// <summary>Where the metrics of a phase are.</summary>
    public string Metrics(TrainingPhase phase) => phase switch
    {
        TrainingPhase.RewardModel => this["reward.jsonl"],
        _ => Path.Combine(Policy, "metrics.jsonl"),
    };

    /// <summary>What was measured in all phases.</summary>
    public IEnumerable<TrainingProgress> ReadMetrics() =>
        from phase in (TrainingPhase[])[TrainingPhase.RewardModel, TrainingPhase.Policy]
        from line in MetricLog.Read(Metrics(phase))
        select new TrainingProgress(phase, line.Step, 0, new Dictionary<string, double>(line.Values));

    /// <summary>
    /// Deletes what only an unfinished training needs, the users' texts above all; the metrics stay.
    /// </summary>
    public void Discard()
    {
        if (!Directory.Exists(path))
            return;
        HashSet<string> kept = [Metrics(TrainingPhase.RewardModel), Metrics(TrainingPhase.Policy)];
        foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(f => !kept.Contains(f)))
            File.Delete(file);
        foreach (var folder in Directory.EnumerateDirectories(path).Where(f => f != Policy))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>A number that spreads texts evenly and is the same in every process.</summary>
    public static ulong Spread(string text) =>
        BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private string ResultFile(TrainingPhase phase) => this[$"{phase}.json".ToLowerInvariant()];
}
