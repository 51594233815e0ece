namespace SoupsActors.Cluster.Tests;

/// <summary>The clusters of the tests.</summary>
internal static class Members
{
    /// <summary>A way in, two devices and a trainer.</summary>
    public static readonly (string Name, string Roles)[] Four =
    [
        ("gateway", "gateway"), ("generator-1", "generator"), ("generator-2", "generator"), ("trainer", "trainer"),
    ];
}
