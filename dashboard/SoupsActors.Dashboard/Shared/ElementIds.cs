namespace SoupsActors.Dashboard.Shared;

/// <summary>Ids of elements that labels refer to.</summary>
public static class ElementIds
{
    private static long last;

    /// <summary>An id that no other element of any page has.</summary>
    public static string Next(string kind) => $"{kind}-{Interlocked.Increment(ref last)}";
}
