using System.Text.Json;
using SoupsActors.Models.Files;

namespace SoupsActors.Miniature.Recipe;

/// <summary>What a stage took.</summary>
/// <param name="Seconds">Wall clock, all runs of the stage together.</param>
/// <param name="Steps">Updates.</param>
/// <param name="Samples">Conversations, comparisons or answers that went through it.</param>
public sealed record StageCost(double Seconds, long Steps, long Samples);

/// <summary>What the stages of a build took, kept in <c>costs.json</c> so that reports can compare methods.</summary>
public sealed class BuildCosts
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    private readonly string path;
    private readonly SortedDictionary<string, StageCost> stages;

    private BuildCosts(string path, SortedDictionary<string, StageCost> stages)
    {
        this.path = path;
        this.stages = stages;
    }

    /// <summary>Costs by stage: <c>base</c>, <c>answers</c>, <c>reward P1A</c>, <c>expert P1A</c>, …</summary>
    public IReadOnlyDictionary<string, StageCost> Stages => stages;

    /// <summary>The costs noted in a miniature's folder; none where it has no such file.</summary>
    public static BuildCosts Open(MiniatureFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var noted = File.Exists(folder.Costs)
            ? JsonSerializer.Deserialize<Dictionary<string, StageCost>>(File.ReadAllBytes(folder.Costs))
            : null;
        return new BuildCosts(folder.Costs, new SortedDictionary<string, StageCost>(noted ?? [], StringComparer.Ordinal));
    }

    /// <summary>Adds the seconds of a run, which may not be the stage's first, and its totals.</summary>
    internal void Add(string stage, TimeSpan elapsed, long steps, long samples)
    {
        var before = stages.GetValueOrDefault(stage)?.Seconds ?? 0;
        stages[stage] = new StageCost(Math.Round(before + elapsed.TotalSeconds, 1), steps, samples);
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(stages, Indented));
    }
}
