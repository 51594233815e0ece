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
public sealed class ConfiguredPeers(IOptions<ExpertFileOptions> options) : IExpertPeers
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<Uri>> ListAsync(CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(options.Value.Peers.Select(peer => ResolveAsync(new Uri(peer), cancellationToken)));
        Uri[] all = [.. found.SelectMany(uris => uris)];
        Random.Shared.Shuffle(all); // so that not everybody asks the first one
        return all;
    }

    // Names in certificates are not addresses, so that https is asked under its name.
    private static async Task<Uri[]> ResolveAsync(Uri peer, CancellationToken cancellationToken)
    {
        if (peer.Scheme != Uri.UriSchemeHttp || peer.HostNameType != UriHostNameType.Dns)
            return [peer];
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(peer.IdnHost, cancellationToken);
            return [.. addresses.Select(address => new UriBuilder(peer) { Host = address.ToString() }.Uri)];
        }
        catch (SocketException)
        {
            return [];
        }
    }
}
