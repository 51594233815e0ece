using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>Numbers about the host, as a grain so that they are asked for as in a cluster.</summary>
[StatelessWorker(1)]
internal sealed class ManagementGrain : Grain, IManagementGrain
{
    private GrainHost Host => ((Activation)GrainContext).Host;

    public Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics() => Task.FromResult(
        Grains().CountBy(activation => activation.Class.Type.FullName!)
            .Select(pair => new SimpleGrainStatistic { GrainType = pair.Key, ActivationCount = pair.Value })
            .OrderBy(statistic => statistic.GrainType, StringComparer.Ordinal)
            .ToArray());

    public Task<int> GetTotalActivationCount() => Task.FromResult(Grains().Count());

    public ValueTask<List<GrainId>> GetActiveGrains(GrainType type) =>
        ValueTask.FromResult(
            Grains().Select(activation => activation.GrainId).Where(id => id.Type == type).Distinct().ToList());

    public Task ForceActivationCollection(TimeSpan ageLimit)
    {
        Host.Collect(ageLimit);
        return Task.CompletedTask;
    }

    private IEnumerable<Activation> Grains() => Host.Directory.Activations.Where(activation =>
        activation.IsAlive && !activation.Class.IsObserver && activation.Class.Type != typeof(ManagementGrain));
}
