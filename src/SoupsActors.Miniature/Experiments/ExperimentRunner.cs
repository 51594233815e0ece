using SoupsActors.Miniature.Recipe;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Experiments;

/// <summary>How an experiment is to be run.</summary>
/// <param name="Out">
/// Folder for report and work; made where missing. A run with the same settings in it is continued.
/// </param>
/// <param name="Quick">The short form.</param>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="Miniature">Base and experts to work with.</param>
public sealed record ExperimentRequest(string Out, bool Quick, int Seed, MiniatureFolder Miniature)
{
    /// <summary>Folder of extra data for experiments that take some, or null.</summary>
    public string? Data { get; init; }
}

/// <summary>What is worth one line of JSON after a run.</summary>
/// <param name="Experiment">Its name.</param>
/// <param name="Quick">Whether it was the short form.</param>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="Passed">Whether all checks hold.</param>
/// <param name="CpuSeconds">Processor time of all stages, those of earlier, stopped runs included.</param>
/// <param name="Headlines">The few numbers that matter.</param>
/// <param name="Checks">What it was to show, and whether it does.</param>
/// <param name="Report">Path of the report.</param>
public sealed record ExperimentSummary(
    string Experiment,
    bool Quick,
    int Seed,
    bool Passed,
    double CpuSeconds,
    IReadOnlyDictionary<string, object> Headlines,
    IReadOnlyList<ExperimentCheck> Checks,
    string Report);

/// <summary>Runs experiments: guards the output folder, resumes what was stopped, writes the report.</summary>
public static class ExperimentRunner
{
    /// <summary>Runs an experiment, or goes on with a stopped run of the same settings in the same folder.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="request">How to run it.</param>
    /// <param name="backend">The device; stays the caller's.</param>
    /// <param name="progress">Told about stages and steps.</param>
    /// <param name="cancellationToken">Stops; finished stages and checkpoints are kept.</param>
    /// <exception cref="InvalidOperationException">
    /// The folder holds a run with other settings, other files, or a run under way; or the miniature is not complete.
    /// </exception>
    public static async Task<ExperimentSummary> RunAsync(
        IExperiment experiment,
        ExperimentRequest request,
        Backend backend,
        IProgress<ExperimentProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(backend);
        if (!request.Miniature.IsComplete)
        {
            throw new InvalidOperationException(
                $"{request.Miniature.Root} holds no complete miniature. Build one: soups miniature build --out "
                + $"{request.Miniature.Root}");
        }

        var card = RunCard.Of(experiment, request, backend);
        var folder = Path.GetFullPath(request.Out);
        using var held = RunFolder.Open(folder, card);
        await using var context = new ExperimentContext(
            folder, card.Fingerprint(), request, backend, progress ?? new Ignored());
        var report = await experiment.RunAsync(context, cancellationToken);
        var path = ReportFiles.Write(folder, experiment, card, report, context.Costs);
        return new ExperimentSummary(
            experiment.Name,
            request.Quick,
            request.Seed,
            report.Checks.All(c => c.Holds),
            Math.Round(context.Costs.Sum(c => c.CpuSeconds), 1),
            report.Headlines,
            report.Checks,
            path);
    }

    private sealed class Ignored : IProgress<ExperimentProgress>
    {
        public void Report(ExperimentProgress value)
        {
        }
    }
}
