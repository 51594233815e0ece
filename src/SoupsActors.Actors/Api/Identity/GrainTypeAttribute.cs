using Orleans.Runtime;

namespace Orleans;

/// <summary>Names a grain class; without it the name is the class's in lower case, less a trailing "grain".</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class GrainTypeAttribute(string grainType) : Attribute
{
    private readonly GrainType grainType = GrainType.Create(grainType);

    /// <summary>The name given.</summary>
    public GrainType GetGrainType(IServiceProvider services, Type type) => grainType;
}
