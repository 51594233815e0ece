namespace Orleans.Runtime.Placement;

/// <summary>A grain that is looking for a place.</summary>
public readonly struct PlacementTarget
{
    internal PlacementTarget(GrainId grainIdentity) => GrainIdentity = grainIdentity;

    /// <summary>The grain.</summary>
    public GrainId GrainIdentity { get; }
}
