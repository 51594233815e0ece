using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace SoupsActors.Grains.Experts;

/// <summary>Knows which silos weights may be fetched from.</summary>
public interface IExpertPeers
{
    /// <summary>Their base addresses; this silo's own may be among them.</summary>
    Task<IReadOnlyList<Uri>> ListAsync(CancellationToken cancellationToken);
}

/// <summary>The peers that the settings name.</summary>
public sealed class ConfiguredPeers : IExpertPeers
{
    private readonly IOptions<ExpertFileOptions> options;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> resolve;

    /// <summary>Looks names up as the system does.</summary>
    public ConfiguredPeers(IOptions<ExpertFileOptions> options)
        : this(options, Dns.GetHostAddressesAsync)
    {
    }

    internal ConfiguredPeers(
        IOptions<ExpertFileOptions> options, Func<string, CancellationToken, Task<IPAddress[]>> resolve) =>
        (this.options, this.resolve) = (options, resolve);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Uri>> ListAsync(CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(
            options.Value.Peers.Select(peer => ResolveAsync(new Uri(peer), cancellationToken)));
        Uri[] all = [.. found.SelectMany(uris => uris)];
        Random.Shared.Shuffle(all); // so that not everybody asks the first one
        return all;
    }

    // Names in certificates are not addresses, so that https is asked under its name. So is a name that has no address
    // at the moment: who asks it learns why, and does not take the peer for one that has nothing.
    private async Task<Uri[]> ResolveAsync(Uri peer, CancellationToken cancellationToken)
    {
        if (peer.Scheme != Uri.UriSchemeHttp || peer.HostNameType != UriHostNameType.Dns)
            return [peer];
        try
        {
            var addresses = await resolve(peer.IdnHost, cancellationToken);
            return addresses.Length == 0
                ? [peer]
                : [.. addresses.Select(address => new UriBuilder(peer) { Host = address.ToString() }.Uri)];
        }
        catch (SocketException)
        {
            return [peer];
        }
    }
}
