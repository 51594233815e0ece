using System.ComponentModel.DataAnnotations;

namespace SoupsActors.Client;

/// <summary>Where the silo is and how patient the client is.</summary>
public sealed class SoupsClientOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string Section = "Soups:Client";

    /// <summary>Address of the silo's HTTP interface.</summary>
    [Required]
    public Uri Endpoint { get; set; } = new("http://localhost:5080");

    /// <summary>The key the silo asks for, or null where it asks for none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Attempts of one call, the first included, 1 to 10. Each attempt carries the same operation id.</summary>
    [Range(1, 10)]
    public int Attempts { get; set; } = 4;

    /// <summary>Pause before the second attempt; it doubles with each further one. A Retry-After of the silo wins.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Time until an answer must begin; streaming may then take longer. A call that ran out of it is not repeated.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(100);
}
