using System.Text.Json;
using SoupsActors.Models.Files;

namespace SoupsActors.Miniature.Experiments;

/// <summary>What a stage cost, the parts of stopped runs included.</summary>
/// <param name="Stage">Name of the stage.</param>
/// <param name="CpuSeconds">Processor time of the whole process while the stage ran, all threads together.</param>
/// <param name="WallSeconds">Time that passed meanwhile.</param>
public sealed record StageCost(string Stage, double CpuSeconds, double WallSeconds);

/// <summary>
/// Results of stages as files: <c>NAME.json</c> once finished, <c>NAME.part.json</c> with the cost of a stopped
/// one.
/// </summary>
internal sealed class StageStore(string folder)
{
    private readonly List<StageCost> costs = [];

    public IReadOnlyList<StageCost> Costs => costs;

    public async Task<T> GetOrRunAsync<T>(string name, Func<Task<T>> run)
    {
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new ArgumentException(
                $"'{name}' is no name of a stage: use letters, digits, '-', '_' and '.'.", nameof(name));
        if (costs.Any(c => c.Stage == name))
            throw new ArgumentException($"The stage '{name}' is asked for twice.", nameof(name));
        var file = Path.Combine(folder, name + ".json");
        if (Read<Finished<T>>(file) is not { } finished)
        {
            finished = await RunAsync(name, run);
            Write(file, finished);
            File.Delete(PartFile(name));
            finished = Read<Finished<T>>(file)!;
        }

        costs.Add(finished.Cost);
        return finished.Result;
    }

    private async Task<Finished<T>> RunAsync<T>(string name, Func<Task<T>> run)
    {
        var before = Read<StageCost>(PartFile(name)) ?? new StageCost(name, 0, 0);
        var cpu = Environment.CpuUsage.TotalTime;
        var start = TimeProvider.System.GetTimestamp();
        StageCost Cost() => before with
        {
            CpuSeconds = before.CpuSeconds + (Environment.CpuUsage.TotalTime - cpu).TotalSeconds,
            WallSeconds = before.WallSeconds + TimeProvider.System.GetElapsedTime(start).TotalSeconds,
        };
        try
        {
            return new Finished<T>(await run(), Cost());
        }
        catch (OperationCanceledException)
        {
            Write(PartFile(name), Cost());
            throw;
        }
    }

    private string PartFile(string name) => Path.Combine(folder, name + ".part.json");

    private static T? Read<T>(string file)
        where T : class
    {
        if (!File.Exists(file))
            return null;
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(file), ExperimentJson.Options);
        }
        catch (JsonException error)
        {
            throw new InvalidOperationException(
                $"{file} cannot be read ({error.Message}). Delete it to run its stage again.", error);
        }
    }

    private static void Write<T>(string file, T value) =>
        AtomicFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(value, ExperimentJson.Options));

    private sealed record Finished<T>(T Result, StageCost Cost);
}
