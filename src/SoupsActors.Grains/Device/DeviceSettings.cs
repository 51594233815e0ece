using SoupsActors.Serving;
using SoupsActors.Tensors;

namespace SoupsActors.Grains.Device;

/// <summary>What the device loads, and how much memory it takes.</summary>
public sealed record DeviceSettings
{
    /// <summary>The model and where its experts are.</summary>
    public required ModelPackage Package { get; init; }

    /// <summary>Name of a chat template in place of the model's own, or null.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Opens what computes; called once, and disposed with the model.</summary>
    public required Func<Backend> OpenBackend { get; init; }

    /// <summary>Tokens that the key/value cache holds over all requests.</summary>
    public int CacheTokens { get; init; } = 8192;

    /// <summary>Most tokens of an answer where neither request, profile nor model says.</summary>
    public int DefaultMaxTokens { get; init; } = 256;

    /// <summary>A directory of experts that several processes share, or null for one in the data directory.</summary>
    public string? ExpertDirectory { get; init; }

    /// <summary>Limits of the engine.</summary>
    public EngineOptions Engine { get; init; } = new();
}
