using System.Collections.Immutable;

namespace Orleans.Metadata;

/// <summary>What is known of a grain class, as texts.</summary>
public sealed class GrainProperties(ImmutableDictionary<string, string> values)
{
    /// <summary>The texts.</summary>
    public ImmutableDictionary<string, string> Properties { get; } = values;
}
