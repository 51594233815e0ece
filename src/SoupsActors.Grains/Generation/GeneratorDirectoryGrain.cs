using Microsoft.Extensions.Options;
using SoupsActors.Generation;
using SoupsActors.Grains.Placement;
using SoupsActors.Placement;

namespace SoupsActors.Grains.Generation;

/// <inheritdoc cref="IGeneratorDirectoryGrain"/>
[RolePlacement(SiloRoles.Gateway, required: false)]
internal sealed class GeneratorDirectoryGrain(IOptions<PlacementOptions> options, TimeProvider clock)
    : Grain, IGeneratorDirectoryGrain
{
    private readonly SortedDictionary<string, (GeneratorReport Report, long At)> known = new(StringComparer.Ordinal);
    private readonly long beganAt = clock.GetTimestamp();

    private TimeSpan Limit => options.Value.SilenceLimit;

    public Task<GeneratorList> Exchange(GeneratorReport[] mine)
    {
        ArgumentNullException.ThrowIfNull(mine);
        foreach (var report in mine)
            known[report.Key] = (report, clock.GetTimestamp());
        foreach (var (key, (_, at)) in known.ToArray())
        {
            if (clock.GetElapsedTime(at) > Limit)
                known.Remove(key);
        }

        return Task.FromResult(new GeneratorList(
            [.. known.Values.Select(entry => entry.Report)], clock.GetElapsedTime(beganAt) > Limit));
    }

    public Task Leave(string key)
    {
        known.Remove(key);
        return Task.CompletedTask;
    }
}
