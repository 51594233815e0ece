using Orleans.Core.Internal;
using SoupsActors.Actors;

namespace Orleans.Runtime;

/// <summary>
/// Values that travel with calls: what is set before a call is seen by the callee and by whatever that calls.
/// </summary>
/// <remarks>What a callee sets does not come back. Values are not copied, so they ought to be immutable.</remarks>
public static class RequestContext
{
    private const string ReentrancyKey = CallFlow.ReentrancyKey;

    /// <summary>Names the call chain that may re-enter; empty for none.</summary>
    public static Guid ReentrancyId
    {
        get => Get(ReentrancyKey) is Guid id ? id : Guid.Empty;
        set
        {
            if (value == Guid.Empty)
                Remove(ReentrancyKey);
            else
                Set(ReentrancyKey, value);
        }
    }

    /// <summary>The keys of all values.</summary>
    public static IEnumerable<string> Keys => CallFlow.Values?.Keys ?? Enumerable.Empty<string>();

    /// <summary>All values.</summary>
    public static IEnumerable<KeyValuePair<string, object>> Entries =>
        CallFlow.Values ?? Enumerable.Empty<KeyValuePair<string, object>>();

    /// <summary>A value, or null.</summary>
    public static object? Get(string key) =>
        CallFlow.Values is { } values && values.TryGetValue(key, out var value) ? value : null;

    /// <summary>Sets a value for the calls made from here on.</summary>
    public static void Set(string key, object value)
    {
        // Others may hold the present dictionary, so it is never changed.
        var values = CallFlow.Values is { } old ? new Dictionary<string, object>(old) : [];
        values[key] = value;
        CallFlow.Values = values;
    }

    /// <summary>Removes a value; false when there was none.</summary>
    public static bool Remove(string key)
    {
        if (CallFlow.Values is not { } old || !old.ContainsKey(key))
            return false;
        var values = new Dictionary<string, object>(old);
        values.Remove(key);
        CallFlow.Values = values.Count == 0 ? null : values;
        return true;
    }

    /// <summary>Removes all values.</summary>
    public static void Clear() => CallFlow.Values = null;

    /// <summary>
    /// Until disposed, calls that this grain makes may come back to it through other grains and run although it is
    /// waiting.
    /// </summary>
    public static ReentrancySection AllowCallChainReentrancy()
    {
        var original = ReentrancyId;
        return new ReentrancySection(original, original == Guid.Empty ? Guid.NewGuid() : original);
    }

    /// <summary>Until disposed, calls made from here may not re-enter.</summary>
    public static ReentrancySection SuppressCallChainReentrancy() => new(ReentrancyId, Guid.Empty);

    /// <summary>The extent of a change in re-entrancy.</summary>
    public readonly struct ReentrancySection : IDisposable
    {
        private readonly Guid original;
        private readonly Guid current;

        /// <summary>Switches from one chain to another.</summary>
        public ReentrancySection(Guid originalReentrancyId, Guid newReentrancyId)
        {
            original = originalReentrancyId;
            current = newReentrancyId;
            if (current != original)
                ReentrancyId = current;
            if (current != Guid.Empty)
                ((ICallChainReentrantGrainContext?)RuntimeContext.Current)?.OnEnterReentrantSection(current);
        }

        /// <summary>Switches back.</summary>
        public void Dispose()
        {
            if (current != Guid.Empty)
                ((ICallChainReentrantGrainContext?)RuntimeContext.Current)?.OnExitReentrantSection(current);
            if (current != original)
                ReentrancyId = original;
        }
    }
}
