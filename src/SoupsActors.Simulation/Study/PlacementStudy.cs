namespace SoupsActors.Simulation.Study;

/// <summary>Runs the parts of a study around one cluster.</summary>
public static class PlacementStudy
{
    /// <summary>Runs everything, in order, on the calling thread.</summary>
    /// <param name="cluster">What the parts vary one setting of.</param>
    /// <param name="parts">The questions.</param>
    /// <param name="progress">Told how far each part has come.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <exception cref="ArgumentException">An option lies outside its range.</exception>
    public static IReadOnlyList<SimulationRun> Run(
        SimulationOptions cluster,
        IReadOnlyList<StudyPart> parts,
        IProgress<StudyProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(parts);
        var runs = new List<SimulationRun>();
        foreach (var part in parts)
        {
            var (done, all) = (0, part.Values.Count * part.Policies.Count);
            foreach (var value in part.Values)
            {
                foreach (var policy in part.Policies)
                {
                    var (before, note) = (done, $"{value:G4} {part.Unit}, {PolicyNames.Of(policy)}");
                    progress?.Report(new StudyProgress(part.Name, (double)before / all, note));
                    var options = part.Apply(cluster with { Policy = policy }, value);
                    var result = ClusterSimulation.Run(options, new Within(progress, share =>
                        new StudyProgress(part.Name, (before + share) / all, note)), cancellationToken);
                    runs.Add(new SimulationRun(part.Name, policy, value, options, result));
                    done++;
                }
            }

            progress?.Report(new StudyProgress(part.Name, 1, $"{all} runs"));
        }

        return runs;
    }

    private sealed class Within(IProgress<StudyProgress>? progress, Func<double, StudyProgress> place) : IProgress<double>
    {
        public void Report(double value) => progress?.Report(place(value));
    }
}
