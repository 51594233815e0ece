using SoupsActors.Cli.Output;
using SoupsActors.Learning;
using SoupsActors.Learning.Direct;
using SoupsActors.Learning.Policy;
using SoupsActors.Learning.Training;
using SoupsActors.Miniature.Experiments;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Training;
using SoupsActors.Tensors.Cpu;
using Spectre.Console;

namespace SoupsActors.Cli.Learning;

/// <summary>
/// One training on a file: the base, the state and metrics beside the result, and the display. The state is removed
/// once the result is written, the metrics stay.
/// </summary>
internal sealed class LearnRun : IAsyncDisposable
{
    private readonly IAnsiConsole console;
    private readonly LearnSettings settings;
    private readonly CpuBackend backend;
    private readonly List<string> states = [];

    private LearnRun(IAnsiConsole console, LearnSettings settings, CpuBackend backend, LearningModel model)
    {
        this.console = console;
        this.settings = settings;
        this.backend = backend;
        Model = model;
        Adapter = new LoraAdapter(backend, model.Transformer.Config, settings.Lora);
    }

    public LearningModel Model { get; }

    /// <summary>What an expert is trained as; reward models bring their own.</summary>
    public LoraAdapter Adapter { get; }

    /// <summary>Folder beside the result with state and metrics.</summary>
    public string Work => settings.Output + ".training";

    private string Metrics => Path.Combine(Work, "metrics.jsonl");

    public static LearnRun Open(IAnsiConsole console, LearnSettings settings, CancellationToken cancellation)
    {
        var device = CpuBackend.Create(new CpuOptions { Threads = settings.Threads });
        try
        {
            return new LearnRun(
                console, settings, device, LearningModel.Load(settings.Model, device, cancellationToken: cancellation));
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Trains with a checkpoint, a log of metrics and a display.</summary>
    /// <param name="name">What is trained.</param>
    /// <param name="steps">Steps in all.</param>
    /// <param name="fingerprint">Names settings and data.</param>
    /// <param name="train">Trains, or goes on where the checkpoint says.</param>
    /// <param name="part">Name of state and metrics of what is trained on the way; null for the result itself.</param>
    /// <returns>What was measured last.</returns>
    public async Task<TrainingMetrics?> TrainAsync(
        string name,
        int steps,
        string fingerprint,
        Func<Checkpoint, IProgress<TrainingMetrics>, Task> train,
        string? part = null)
    {
        Directory.CreateDirectory(Work);
        var checkpoint = new Checkpoint(State(part ?? "state"), $"{name}/{Model.BaseHash}/{fingerprint}");
        var metrics = part is null ? Metrics : Path.Combine(Work, part + ".jsonl");
        var taken = 0;
        checkpoint.TryRestore(state => taken = (int)state.Integer("optimiser.steps"));
        using (var log = MetricLog.Open(metrics, taken))
        {
            await (settings.Json
                ? train(checkpoint, log)
                : ExperimentDisplay.RunAsync(console, shown => train(checkpoint, new Both(name, steps, log, shown))));
        }

        return MetricLog.Read(metrics) is [.., var last] ? last : null;
    }

    /// <summary>Trains by PPO, which keeps state and metrics itself.</summary>
    /// <returns>What was measured last.</returns>
    public async Task<TrainingMetrics?> TrainPolicyAsync(
        int steps, string fingerprint, Func<PpoFiles, IProgress<TrainingMetrics>?, Task<PpoResult>> train)
    {
        var files = new PpoFiles(Work, $"ppo/{Model.BaseHash}/{fingerprint}");
        states.Add(files.StatePath);
        PpoResult? result = null;
        if (settings.Json)
            result = await train(files, null);
        else
            await ExperimentDisplay.RunAsync(console, async shown => result = await train(files, new Ppo(steps, shown)));
        return result!.Metrics;
    }

    /// <summary>Trains by online DPO, which keeps state and metrics itself.</summary>
    /// <param name="most">The most steps that all iterations can take.</param>
    /// <param name="fingerprint">Names settings and data.</param>
    /// <param name="train">Trains, or goes on where the files say.</param>
    /// <returns>What was done, and what every step measured.</returns>
    public async Task<(OnlineDpoResult Result, IReadOnlyList<TrainingMetrics> Curve)> TrainOnlineAsync(
        int most, string fingerprint, Func<OnlineDpoFiles, IProgress<TrainingMetrics>?, Task<OnlineDpoResult>> train)
    {
        var files = new OnlineDpoFiles(Work, $"online-dpo/{Model.BaseHash}/{fingerprint}");
        states.Add(files.StatePath);
        OnlineDpoResult? result = null;
        if (settings.Json)
        {
            result = await train(files, null);
        }
        else
        {
            await ExperimentDisplay.RunAsync(
                console, async shown => result = await train(files, new Online(most, shown)));
        }

        return (result!, File.Exists(files.MetricsPath) ? MetricLog.Read(files.MetricsPath) : []);
    }

    /// <summary>Writes the adapter as an expert.</summary>
    public Expert SaveExpert(string method, int steps, string? rewardModel = null)
    {
        var provenance = new ExpertProvenance(
            Model.BaseHash,
            settings.Lora.InitSeed,
            settings.Preference,
            method,
            rewardModel,
            Details: new Dictionary<string, string>
            {
                ["steps"] = $"{steps}",
                ["data"] = Path.GetFileName(settings.Data),
            });
        return AdapterFolder.Save(
            ExpertContent.Create(Path.GetFileName(settings.Output), Adapter.ToFactors(), provenance), settings.Output);
    }

    /// <summary>Says what was made, and forgets the state that led there.</summary>
    public void Finish<T>(string hash, int steps, LearnData data, TrainingMetrics? last, T more)
    {
        states.ForEach(File.Delete);
        if (settings.Json)
        {
            console.Json(new
            {
                folder = settings.Output,
                hash,
                steps,
                entries = data.Report.Entries,
                bad_entries = data.Report.Bad,
                metrics = last?.Values,
                report = more,
            });
            return;
        }

        console.WriteLine($"Wrote {settings.Output} after {steps} steps; the curves are in {Metrics}.");
    }

    private string State(string name)
    {
        var path = Path.Combine(Work, name + ".safetensors");
        states.Add(path);
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        Adapter.Dispose();
        await Model.DisposeAsync();
        backend.Dispose();
    }

    private sealed class Both(string name, int steps, MetricLog log, IProgress<ExperimentProgress> shown)
        : IProgress<TrainingMetrics>
    {
        public void Report(TrainingMetrics value)
        {
            log.Report(value);
            shown.Report(new ExperimentProgress(name, value.Step, steps, $"loss {value[MetricNames.Loss]:F3}"));
        }
    }

    private sealed class Online(int most, IProgress<ExperimentProgress> shown) : IProgress<TrainingMetrics>
    {
        private double reward = double.NaN;

        public void Report(TrainingMetrics value)
        {
            // Answers are sampled, and scored, once an iteration.
            if (value.Values.TryGetValue(MetricNames.Scores, out var scored))
                reward = scored;
            var note = $"loss {value[MetricNames.Loss]:F3}, reward {reward:F2}";
            shown.Report(new ExperimentProgress("online-dpo", value.Step, most, note));
        }
    }

    private sealed class Ppo(int steps, IProgress<ExperimentProgress> shown) : IProgress<TrainingMetrics>
    {
        public void Report(TrainingMetrics value)
        {
            var (reward, kl) = (value[MetricNames.Scores], value[MetricNames.KlPerToken]);
            shown.Report(new ExperimentProgress("ppo", value.Step, steps, $"reward {reward:F2}, KL a token {kl:F3}"));
        }
    }
}
