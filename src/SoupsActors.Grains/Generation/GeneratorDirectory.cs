using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using SoupsActors.Generation;
using SoupsActors.Placement;

namespace SoupsActors.Grains.Generation;

/// <summary>
/// The generators of the cluster as this silo knows them: its own as they are at the moment, the others as of the last
/// exchange with the directory grain. Exchanges happen about once a second; without them the last view stays in use, for
/// an old view is better than none, and requests must not wait for a directory whose silo is frozen.
/// </summary>
public sealed class GeneratorDirectory(
    IGrainFactory grains, GeneratorDevices devices, IOptions<PlacementOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, long> suspects = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CancellationTokenSource> watches = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private volatile View view = new([], null);
    private Task? exchange;

    /// <summary>The generators that can be asked.</summary>
    public async ValueTask<IReadOnlyList<KnownGenerator>> ListAsync(CancellationToken cancellationToken = default)
    {
        var at = view.At;
        if (at is null)
            await TryExchangeAsync(cancellationToken);
        if (Known() is { Count: > 0 } known)
        {
            if (at is { } last && clock.GetElapsedTime(last) > options.Value.SilenceLimit)
                _ = TryExchangeAsync(cancellationToken: default);
            return known;
        }

        // One may have started since the last exchange: nobody is refused by an old view.
        await TryExchangeAsync(cancellationToken);
        return Known();
    }

    /// <summary>The model that answers.</summary>
    /// <exception cref="SoupsException">No generator is running, or its model is still loading.</exception>
    public async ValueTask<ModelDescriptor> DescribeModelAsync(CancellationToken cancellationToken = default) =>
        await (await AnyAsync(cancellationToken)).Describe();

    /// <summary>A generator that can be asked about something else than an answer.</summary>
    /// <exception cref="SoupsException">No generator is running.</exception>
    public async ValueTask<IGeneratorGrain> AnyAsync(CancellationToken cancellationToken = default)
    {
        var known = await ListAsync(cancellationToken);
        return grains.GetGrain<IGeneratorGrain>(
            known.Count > 0 ? known[0].Key : devices.Keys.FirstOrDefault() ?? throw NoGenerator());
    }

    /// <summary>The refusal where nobody can answer.</summary>
    internal static SoupsException NoGenerator() => new(
        SoupsError.NotReady,
        "No generator is running at the moment. Start a silo with the role generator, or try again shortly.",
        "no_generator");

    /// <summary>
    /// Leaves a generator out until it reports again: a call to it was lost.
    /// </summary>
    public void Suspect(KnownGenerator generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        if (!generator.IsLocal)
            suspects[generator.Key] = generator.Report.Sequence;
    }

    /// <summary>
    /// Cancelled when the generator has stopped reporting, long before its silo is declared dead and calls to it fail.
    /// </summary>
    public CancellationToken Silence(KnownGenerator generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return generator.IsLocal
            ? CancellationToken.None
            : watches.GetOrAdd(generator.Key, _ => new CancellationTokenSource()).Token;
    }

    /// <summary>Reports the own generators and learns of the others. Callers at the same time share one exchange.</summary>
    public Task ExchangeAsync()
    {
        lock (gate)
        {
            if (exchange is { IsCompleted: false })
                return exchange;

            // It is nobody's turn: the grain that happens to ask may be gone before the others have their answer.
            using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
                return exchange = Task.Run(ExchangeNowAsync);
        }
    }

    /// <summary>Takes the own generators off the directory.</summary>
    public Task LeaveAsync() => Task.WhenAll(devices.Keys.Select(Grain.Leave));

    private IGeneratorDirectoryGrain Grain =>
        grains.GetGrain<IGeneratorDirectoryGrain>(IGeneratorDirectoryGrain.Key);

    private List<KnownGenerator> Known() =>
    [
        .. devices.Report().Select(report => new KnownGenerator(report, isLocal: true)),
        .. view.Others.Where(other => !IsSuspect(other.Report)),
    ];

    private async Task TryExchangeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ExchangeAsync().WaitAsync(cancellationToken);
        }
        catch (Exception error) when (LostCalls.Is(error))
        {
            // What is known stays in use; the next exchange may come through.
        }
    }

    private async Task ExchangeNowAsync()
    {
        var list = await Grain.Exchange(devices.Report());
        var others = list.Generators.Where(report => !devices.Keys.Contains(report.Key)).ToList();
        if (!list.IsComplete)
            others.AddRange(view.Others.Select(o => o.Report).ExceptBy(others.Select(o => o.Key), o => o.Key));
        view = new View([.. others.Select(report => new KnownGenerator(report, isLocal: false))], clock.GetTimestamp());
        foreach (var (key, watch) in watches)
        {
            if (!others.Exists(report => report.Key == key) && watches.TryRemove(key, out _))
                await watch.CancelAsync();
        }
    }

    private bool IsSuspect(GeneratorReport report)
    {
        if (!suspects.TryGetValue(report.Key, out var sequence))
            return false;
        if (report.Sequence <= sequence)
            return true;
        suspects.TryRemove(KeyValuePair.Create(report.Key, sequence));
        return false;
    }

    private sealed record View(KnownGenerator[] Others, long? At);
}
