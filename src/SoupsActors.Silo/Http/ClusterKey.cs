using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using SoupsActors.Silo.Hosting;

namespace SoupsActors.Silo.Http;

/// <summary>The key by which silos know each other.</summary>
internal sealed class ClusterKey(IOptions<SoupsOptions> options)
{
    private readonly string? key = options.Value.ClusterKey;

    /// <summary>Whether one is set.</summary>
    public bool IsRequired => key is not null;

    /// <summary>What this silo shows to others: the cluster's key, or else the API key.</summary>
    public AuthenticationHeaderValue? Header { get; } =
        (options.Value.ClusterKey ?? options.Value.ApiKey) is { } shown ? new("Bearer", shown) : null;

    // Hashes have one length whatever was sent, so that the comparison tells nothing by its time.
    public bool IsHeldBy(HttpRequest request) =>
        key is not null
        && AuthenticationHeaderValue.TryParse(request.Headers.Authorization.ToString(), out var header)
        && header is { Scheme: "Bearer", Parameter: { } shown }
        && CryptographicOperations.FixedTimeEquals(Hash(shown), Hash(key));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
