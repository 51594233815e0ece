using System.Net;

namespace SoupsActors.Clustering;

/// <summary>How silos, and clients, find each other; the section <c>Soups:Cluster</c>.</summary>
public sealed class ClusterOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Soups:Cluster";

    /// <summary>No others: a silo of its own, on this machine.</summary>
    public const string Localhost = "Localhost";

    /// <summary>A table in PostgreSQL, through Orleans' ADO.NET provider.</summary>
    public const string AdoNet = "AdoNet";

    /// <summary>As Orleans' own section <c>Orleans:Clustering</c> says, such as Redis.</summary>
    public const string Configuration = "Configuration";

    /// <summary>
    /// Where the list of silos is kept: <c>Localhost</c>, <c>AdoNet</c>, <c>Configuration</c>, or a name that the host
    /// has added.
    /// </summary>
    public string Membership { get; set; } = Localhost;

    /// <summary>Silos of the same id form one cluster.</summary>
    public string ClusterId { get; set; } = "soups";

    /// <summary>Stays the same for as long as the stored state shall be found, whatever the cluster is called.</summary>
    public string ServiceId { get; set; } = "soups";

    /// <summary>Where other silos call, 1 to 65535.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>Where clients call, 1 to 65535, or 0 for a silo that takes no clients.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>The IP address that others reach this silo at; by default the machine's own.</summary>
    public string? AdvertisedAddress { get; set; }

    /// <summary>How PostgreSQL is reached for <c>AdoNet</c>; by default that of <c>Soups:Storage</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Most connections of this process for the list of silos, 1 to 100.</summary>
    public int MaxConnections { get; set; } = 4;

    /// <summary>
    /// How long a silo may take to answer when another looks after it, 0.2 s to one minute. Two such silences in a row,
    /// seen by others, and it is declared dead and its grains move.
    /// </summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Takes the silo's name and address from its pod, and watches the pods' end, on Kubernetes.</summary>
    public bool Kubernetes { get; set; }

    /// <summary>Whether other silos may take part.</summary>
    public bool IsCluster => !string.Equals(Membership, Localhost, StringComparison.OrdinalIgnoreCase);

    /// <summary>Settings outside of their range: the setting, its value, and what it must be.</summary>
    public IEnumerable<(string Setting, object? Value, string Range)> Problems()
    {
        if (string.IsNullOrWhiteSpace(Membership))
            yield return (nameof(Membership), Membership, $"{Localhost}, {AdoNet}, {Configuration} or a name that was added");
        if (string.IsNullOrWhiteSpace(ClusterId) || ClusterId.Length > 150)
            yield return (nameof(ClusterId), ClusterId, "a text of at most 150 characters");
        if (string.IsNullOrWhiteSpace(ServiceId) || ServiceId.Length > 150)
            yield return (nameof(ServiceId), ServiceId, "a text of at most 150 characters");
        if (SiloPort is < 1 or > IPEndPoint.MaxPort)
            yield return (nameof(SiloPort), SiloPort, "1 to 65535");
        if (GatewayPort is < 0 or > IPEndPoint.MaxPort || GatewayPort == SiloPort)
            yield return (nameof(GatewayPort), GatewayPort, "0 to 65535 and not the SiloPort");
        if (AdvertisedAddress is not null && !IPAddress.TryParse(AdvertisedAddress, out _))
            yield return (nameof(AdvertisedAddress), AdvertisedAddress, "an IP address, or left out");
        if (MaxConnections is < 1 or > 100)
            yield return (nameof(MaxConnections), MaxConnections, "1 to 100");
        if (ProbeTimeout < TimeSpan.FromSeconds(0.2) || ProbeTimeout > TimeSpan.FromMinutes(1))
            yield return (nameof(ProbeTimeout), ProbeTimeout, "0.2 s to one minute");
    }
}
