namespace Orleans.Runtime;

/// <summary>Numbers about the host, from <c>GetGrain&lt;IManagementGrain&gt;(0)</c>.</summary>
public interface IManagementGrain : IGrainWithIntegerKey
{
    /// <summary>Activations by grain class.</summary>
    Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics();

    /// <summary>The number of activations.</summary>
    Task<int> GetTotalActivationCount();

    /// <summary>The activated grains of a type.</summary>
    ValueTask<List<GrainId>> GetActiveGrains(GrainType type);

    /// <summary>Ends activations that were not used for this long.</summary>
    Task ForceActivationCollection(TimeSpan ageLimit);
}

/// <summary>How many activations a grain class has.</summary>
[GenerateSerializer]
[Immutable]
public sealed class SimpleGrainStatistic
{
    /// <summary>The full name of the grain class.</summary>
    [Id(0)]
    public string GrainType { get; init; } = string.Empty;

    /// <summary>The number of activations.</summary>
    [Id(2)]
    public int ActivationCount { get; init; }

    /// <summary>Class and number.</summary>
    public override string ToString() =>
        $"SimpleGrainStatistic: GrainType={GrainType} NumActivations={ActivationCount}";
}
