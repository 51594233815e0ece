using System.Text.Json;

namespace SoupsActors.Dashboard.Data.Experiments;

/// <summary>How far a run of an experiment has come.</summary>
public enum RunState
{
    /// <summary>Its results are there.</summary>
    Finished,

    /// <summary>It is under way, or was stopped.</summary>
    Unfinished,

    /// <summary>Its files cannot be read.</summary>
    Damaged,
}

/// <summary>A folder that an experiment was written to.</summary>
/// <param name="Name">Name of the folder.</param>
/// <param name="Experiment">Name of the experiment, or null where it cannot be read.</param>
/// <param name="State">How far it has come.</param>
/// <param name="At">When it was last written.</param>
/// <param name="Problem">What is wrong with it, and what to do.</param>
public sealed record ExperimentRun(
    string Name, string? Experiment, RunState State, DateTimeOffset At, string? Problem = null)
{
    /// <summary>Whether it is the short form.</summary>
    public bool IsQuick { get; init; }

    /// <summary>Seed of everything random.</summary>
    public long? Seed { get; init; }
}

/// <summary>Finds the folders that <c>soups experiment --out</c> has written, and reads them.</summary>
public sealed class ExperimentShelf(HostFacts host)
{
    private const string Card = "experiment.json";
    private const string Results = "results.json";
    private const int MostRuns = 200;
    private const long MostBytes = 32 << 20;

    /// <summary>Where runs are looked for; null for nowhere.</summary>
    public string? Directory => host.ExperimentsDirectory;

    /// <summary>The runs, newest first. Folders that hold no experiment are left out.</summary>
    public IReadOnlyList<ExperimentRun> List()
    {
        if (!System.IO.Directory.Exists(Directory))
            return [];
        return
        [
            .. new DirectoryInfo(Directory).EnumerateDirectories()
                .Where(d => Array.Exists([Card, Results], name => File.Exists(Path.Combine(d.FullName, name))))
                .Take(MostRuns)
                .Select(Look)
                .OrderByDescending(r => r.At),
        ];
    }

    /// <summary>Reads a run's results.</summary>
    /// <param name="name">Name of its folder, as <see cref="List"/> tells it.</param>
    /// <exception cref="SoupsException">There is no such run, or its files are damaged.</exception>
    public ExperimentResults Read(string name)
    {
        var run = List().FirstOrDefault(r => r.Name == name) ?? throw SoupsException.NotFound(
            $"There is no run '{name}' any more. Look again.", "unknown_run");
        if (run.State != RunState.Finished)
            throw SoupsException.Conflict(run.Problem ?? "It has no results yet.", "no_results");
        var folder = Path.Combine(Directory!, name);
        return new ExperimentResults(
            run, Parse(folder, Results), TryParse(folder, "run.json"), TryParse(folder, Card), folder);
    }

    private static ExperimentRun Look(DirectoryInfo folder)
    {
        var results = Path.Combine(folder.FullName, Results);
        var isDone = File.Exists(results);
        var at = new DateTimeOffset(isDone ? File.GetLastWriteTimeUtc(results) : folder.LastWriteTimeUtc);
        try
        {
            var about = Parse(folder.FullName, isDone ? Results : Card);
            if (about.ValueKind != JsonValueKind.Object
                || !about.TryGetProperty("experiment", out var experiment)
                || experiment.ValueKind != JsonValueKind.String
                || (isDone && !about.TryGetProperty("results", out _)))
            {
                return new ExperimentRun(
                    folder.Name, null, RunState.Damaged, at,
                    $"{(isDone ? Results : Card)} is no report of an experiment. Move the folder elsewhere.");
            }

            return new ExperimentRun(
                folder.Name,
                experiment.GetString(),
                isDone ? RunState.Finished : RunState.Unfinished,
                at,
                isDone
                    ? null
                    : "It is under way or was stopped. The same `soups experiment` command with the same --out goes on "
                        + "with it.")
            {
                IsQuick = about.TryGetProperty("quick", out var quick) && quick.ValueKind == JsonValueKind.True,
                Seed = about.TryGetProperty("seed", out var seed) && seed.TryGetInt64(out var number) ? number : null,
            };
        }
        catch (Exception error) when (error is SoupsException or InvalidOperationException)
        {
            return new ExperimentRun(folder.Name, null, RunState.Damaged, at, error.Message);
        }
    }

    private static JsonElement? TryParse(string folder, string name)
    {
        try
        {
            return File.Exists(Path.Combine(folder, name)) ? Parse(folder, name) : null;
        }
        catch (SoupsException)
        {
            return null;
        }
    }

    private static JsonElement Parse(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        try
        {
            if (new FileInfo(path).Length > MostBytes)
                throw Damaged($"{name} has more than {MostBytes >> 20} MiB, which no experiment writes.");
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw Damaged(
                $"{name} is not JSON (line {error.LineNumber + 1}). Delete the folder and run the experiment again.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Damaged($"{name} cannot be read. Check that the server may read the folder.");
        }
    }

    private static SoupsException Damaged(string message) =>
        new(SoupsError.Conflict, message, "damaged_report");
}
