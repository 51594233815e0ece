namespace SoupsActors.Actors;

/// <summary>
/// What flows with the execution context: the call being served and the values that travel with calls. Serving a call
/// stores
/// the call itself, which carries both, so that a flow without changed values costs one object less.
/// </summary>
internal static class CallFlow
{
    internal const string ReentrancyKey = "#CCR";

    private static readonly AsyncLocal<object?> Current = new();

    /// <summary>The call being served; null for a client.</summary>
    public static Call? Call => Current.Value switch
    {
        Call call => call,
        Changed changed => changed.Call,
        _ => null,
    };

    /// <summary>The values; never changed in place.</summary>
    public static Dictionary<string, object>? Values
    {
        get => Current.Value switch
        {
            Call call => call.Values,
            Changed changed => changed.Values,
            _ => null,
        };
        set => Current.Value = Call is { } call || value is not null ? new Changed(Call, value) : null;
    }

    /// <summary>From here on the call is served, until the execution context is restored.</summary>
    public static void Enter(Call call) => Current.Value = call;

    private sealed record Changed(Call? Call, Dictionary<string, object>? Values);
}
