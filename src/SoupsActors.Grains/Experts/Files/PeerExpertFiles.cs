using Microsoft.Extensions.Logging;

namespace SoupsActors.Grains.Experts;

/// <summary>
/// Weights that are here, or are fetched from a peer that has them. They are checked like any expert that is registered,
/// and against the hash asked for, before they get their place.
/// </summary>
public sealed partial class PeerExpertFiles(
    ExpertStore store, IExpertPeers peers, HttpClient http, TimeProvider clock, ILogger<PeerExpertFiles> logger)
    : IExpertFiles
{
    // A connection breaks now and then; one that always does is no use, even where each brings a little.
    private const int MaxRounds = 16;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Task<string>> fetching = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<string> EnsureAsync(string hash, CancellationToken cancellationToken = default)
    {
        if (store.Find(hash) is { } folder)
            return Task.FromResult(folder);
        if (!ExpertManifest.IsHash(hash))
            throw ExpertStore.Gone(hash);
        Task<string> fetch;
        lock (gate)
        {
            if (!fetching.TryGetValue(hash, out fetch!))
                fetching.Add(hash, fetch = Task.Run(() => FetchAsync(hash), CancellationToken.None));
        }

        return fetch.WaitAsync(cancellationToken);
    }

    private async Task<string> FetchAsync(string hash)
    {
        try
        {
            var failures = new List<string>();
            foreach (var peer in await peers.ListAsync(CancellationToken.None))
            {
                if (await TryPeerAsync(peer, hash, failures) is { } folder)
                    return folder;
            }

            throw failures.Count == 0
                ? ExpertStore.Gone(hash)
                : new SoupsException(
                    SoupsError.Unavailable,
                    $"The weights {hash[..12]}… of an expert could not be fetched: {string.Join(" ", failures)} "
                        + "Try again in a moment.",
                    "expert_files_unreachable");
        }
        finally
        {
            lock (gate)
                fetching.Remove(hash);
        }
    }

    // Null where the next peer is to be asked.
    private async Task<string?> TryPeerAsync(Uri peer, string hash, List<string> failures)
    {
        var incoming = store.IncomingFor(hash);
        for (var round = 1; ; round++)
        {
            var transfer = new ExpertTransfer(http, peer, hash, incoming, clock);
            var held = transfer.Held;
            try
            {
                if (!await transfer.RunAsync())
                    return null;
                var folder = await store.AdmitFetchedAsync(incoming, hash);
                LogFetched(hash, peer, transfer.Received);
                return folder;
            }
            catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
            {
                LogBroken(hash, peer, error.Message);

                // It goes on behind what has arrived. What arrives again and again does not count: a proxy may ignore
                // where to go on, or always break off at the same byte.
                if (round < MaxRounds && transfer.Held > held)
                    continue;
                failures.Add($"{peer}: {error.Message}");
                return null;
            }
            catch (Exception error) when (error is DamagedTransferException or SoupsException or System.Text.Json.JsonException)
            {
                LogBroken(hash, peer, error.Message);
                failures.Add(error.Message);
                return null;
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Fetched the weights {Hash} from {Peer}, {Bytes} bytes.")]
    private partial void LogFetched(string hash, Uri peer, long bytes);

    [LoggerMessage(LogLevel.Warning, "Fetching the weights {Hash} from {Peer} stopped: {Reason}")]
    private partial void LogBroken(string hash, Uri peer, string reason);
}
