using Orleans.Core;

namespace Orleans.Runtime;

/// <summary>
/// A stored state of a grain, taken as a constructor parameter with <see cref="PersistentStateAttribute"/> and read
/// before activation.
/// </summary>
/// <typeparam name="TState">A class or record with a parameterless constructor.</typeparam>
public interface IPersistentState<TState> : IStorage<TState>;

/// <summary>Names a state and the storage that holds it.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public class PersistentStateAttribute : Attribute
{
    /// <summary>A state in the named storage, or in the default one.</summary>
    public PersistentStateAttribute(string stateName, string? storageName = null)
    {
        ArgumentNullException.ThrowIfNull(stateName);
        StateName = stateName;
        StorageName = storageName;
    }

    /// <summary>The state's name, unique within the grain class.</summary>
    public string StateName { get; }

    /// <summary>The storage's name; null for the default.</summary>
    public string? StorageName { get; }
}
