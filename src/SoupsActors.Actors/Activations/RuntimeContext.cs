namespace SoupsActors.Actors;

/// <summary>The activation whose turn runs on this thread.</summary>
internal static class RuntimeContext
{
    [ThreadStatic]
    private static Activation? current;

    /// <summary>The activation, or null outside of turns.</summary>
    public static Activation? Current
    {
        get => current;
        set => current = value;
    }
}
