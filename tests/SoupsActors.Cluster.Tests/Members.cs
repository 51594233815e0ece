namespace SoupsActors.Cluster.Tests;

/// <summary>The clusters of the tests.</summary>
internal static class Members
{
    /// <summary>Two that do everything.</summary>
    public static readonly (string Name, string Roles)[] Both =
        [("left", "gateway,generator,trainer"), ("right", "gateway,generator,trainer")];

    /// <summary>A way in, two devices and a trainer.</summary>
    public static readonly (string Name, string Roles)[] Four =
    [
        ("gateway", "gateway"), ("generator-1", "generator"), ("generator-2", "generator"), ("trainer", "trainer"),
    ];
}
