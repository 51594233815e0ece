using System.Net;

namespace Orleans.Runtime;

/// <summary>Where a silo is, and which of those that were there. The host is one silo.</summary>
[GenerateSerializer, Immutable]
public sealed record SiloAddress
{
    private SiloAddress(IPEndPoint endpoint, int generation)
    {
        Endpoint = endpoint;
        Generation = generation;
    }

    /// <summary>Address and port; nothing listens there in a single process.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Tells a silo from an earlier one at the same endpoint.</summary>
    public int Generation { get; }

    /// <summary>An address.</summary>
    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    /// <summary>Endpoint and generation.</summary>
    public override string ToString() => $"S{Endpoint}:{Generation}";
}
