namespace Orleans.Placement;

/// <summary>Says which silos may hold a grain class. A process that is not among them refuses its grains.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public abstract class PlacementFilterAttribute : Attribute
{
    /// <summary>With its strategy.</summary>
    protected PlacementFilterAttribute(PlacementFilterStrategy placement)
    {
        ArgumentNullException.ThrowIfNull(placement);
        PlacementFilterStrategy = placement;
    }

    /// <summary>What the attribute asks for.</summary>
    public PlacementFilterStrategy PlacementFilterStrategy { get; private set; }
}
