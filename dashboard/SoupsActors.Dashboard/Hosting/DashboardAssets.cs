using System.Collections.Frozen;
using System.Security.Cryptography;

namespace SoupsActors.Dashboard.Hosting;

/// <summary>
/// Scripts, styles and images, out of the assembly. A URL names its content, so that browsers may keep it for ever.
/// </summary>
public sealed class DashboardAssets
{
    /// <summary>Path below which assets are served.</summary>
    public const string Root = "/_assets";

    private const string AssetPrefix = "assets/";
    private const string StylePrefix = "styles/";
    private const string StyleSheet = "dashboard.css";

    private readonly FrozenDictionary<string, Asset> assets = ReadAll().ToFrozenDictionary(
        asset => asset.Name, StringComparer.Ordinal);

    /// <summary>The address of an asset.</summary>
    /// <param name="name">File name, such as <c>dashboard.js</c>.</param>
    /// <exception cref="KeyNotFoundException">There is no such asset.</exception>
    public string Url(string name) => $"{Root}/{assets[name].Tag}/{name}";

    internal Asset? Find(string name) => assets.GetValueOrDefault(name);

    private static IEnumerable<Asset> ReadAll()
    {
        var names = typeof(DashboardAssets).Assembly.GetManifestResourceNames();
        foreach (var resource in names.Where(name => name.StartsWith(AssetPrefix, StringComparison.Ordinal)))
        {
            var name = resource[AssetPrefix.Length..];
            yield return new Asset(name, name == StyleSheet ? Styles(names) : Read(resource));
        }
    }

    // The design system first, then each page's own few rules.
    private static byte[] Styles(string[] names) =>
    [
        .. Read(AssetPrefix + StyleSheet),
        .. names.Where(name => name.StartsWith(StylePrefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).SelectMany(Read),
    ];

    private static byte[] Read(string resource)
    {
        using var stream = typeof(DashboardAssets).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{resource} is not part of the program.");
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    internal sealed class Asset(string name, byte[] content)
    {
        public string Name { get; } = name;

        public byte[] Content { get; } = content;

        public string Tag { get; } = Convert.ToHexStringLower(SHA256.HashData(content))[..16];

        public string ContentType => Path.GetExtension(Name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            var other => throw new InvalidOperationException($"Assets of type {other} are not served."),
        };
    }
}
