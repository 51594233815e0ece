using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace Orleans.Runtime.MembershipService.SiloMetadata;

/// <summary>What silos say of themselves.</summary>
public interface ISiloMetadataCache
{
    /// <summary>What a silo says of itself; nothing for an unknown one.</summary>
    SiloMetadata GetSiloMetadata(SiloAddress siloAddress);
}

/// <summary>What a silo says of itself, as texts.</summary>
[SuppressMessage("Design", "MA0049", Justification = "The name is Orleans' own.")]
public sealed record SiloMetadata
{
    /// <summary>The texts by name.</summary>
    public ImmutableDictionary<string, string> Metadata { get; internal init; } =
        ImmutableDictionary<string, string>.Empty;
}

/// <summary>Sets what this silo says of itself.</summary>
public static class SiloMetadataHostingExtensions
{
    /// <summary>Adds these texts.</summary>
    public static ISiloBuilder UseSiloMetadata(this ISiloBuilder builder, Dictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<ISiloMetadataCache>(
            new OwnMetadata(new SiloMetadata { Metadata = metadata.ToImmutableDictionary() }));
        return builder;
    }

    private sealed class OwnMetadata(SiloMetadata own) : ISiloMetadataCache
    {
        public SiloMetadata GetSiloMetadata(SiloAddress siloAddress) => own;
    }
}
