using SoupsActors.Actors;

namespace Orleans.Runtime;

/// <summary>A reference to a grain. References are equal when they point to the same grain.</summary>
public class GrainReference : IAddressable, IEquatable<GrainReference>
{
    /// <summary>Where the last call of this reference went, so that the next one need not look it up.</summary>
    internal ICallTarget? Target;

    internal GrainReference(GrainHost host, GrainId grainId, GrainClass? grainClass)
    {
        Host = host;
        GrainId = grainId;
        Class = grainClass;
    }

    /// <summary>The id of the grain.</summary>
    public GrainId GrainId { get; }

    /// <summary>The grain interface; empty for an untyped reference.</summary>
    public virtual string InterfaceName => string.Empty;

    internal GrainHost Host { get; }

    /// <summary>The class, looked up by the type in the id when null.</summary>
    internal GrainClass? Class { get; }

    /// <inheritdoc/>
    public bool Equals(GrainReference? other) => other is not null && GrainId == other.GrainId;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    /// <inheritdoc/>
    public override int GetHashCode() => GrainId.GetHashCode();

    /// <summary>The id of the grain and the interface.</summary>
    public override string ToString() => $"GrainReference:{GrainId}:{InterfaceName}";
}
