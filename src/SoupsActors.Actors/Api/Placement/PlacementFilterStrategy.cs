using System.Collections.Immutable;
using System.Globalization;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Orleans.Placement;

/// <summary>
/// What a placement filter asks for. The attribute's own strategy writes it as properties of the grain class; the
/// strategy that the director sees is another object that has read them.
/// </summary>
public abstract class PlacementFilterStrategy
{
    private const string Key = "placement-filter";

    /// <summary>With its place among several filters of a class.</summary>
    protected PlacementFilterStrategy(int order) => Order = order;

    /// <summary>Filters with lower numbers come first.</summary>
    public int Order { get; private set; }

    /// <summary>Reads what the attribute asked for.</summary>
    public void Initialize(GrainProperties properties)
    {
        if (!int.TryParse(GetPlacementFilterGrainProperty("order", properties), out var order))
            throw new ArgumentException("Invalid order property value.");
        Order = order;
        AdditionalInitialize(properties);
    }

    /// <summary>Reads what this kind of filter needs.</summary>
    public virtual void AdditionalInitialize(GrainProperties properties)
    {
    }

    /// <summary>What this kind of filter needs, as texts.</summary>
    protected virtual IEnumerable<KeyValuePair<string, string>> GetAdditionalGrainProperties(
        IServiceProvider services,
        Type grainClass,
        GrainType grainType,
        IReadOnlyDictionary<string, string> existingProperties) => [];

    /// <summary>A text of this kind of filter, or null.</summary>
    protected string? GetPlacementFilterGrainProperty(string key, GrainProperties properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        return properties.Properties.GetValueOrDefault($"{Key}.{GetType().Name}.{key}");
    }

    internal GrainProperties Properties(IServiceProvider services, Type grainClass, GrainType grainType)
    {
        var none = ImmutableDictionary<string, string>.Empty;
        var name = $"{Key}.{GetType().Name}.";
        return new GrainProperties(none
            .Add(name + "order", Order.ToString(CultureInfo.InvariantCulture))
            .AddRange(GetAdditionalGrainProperties(services, grainClass, grainType, none)
                .Select(p => KeyValuePair.Create(name + p.Key, p.Value))));
    }
}
