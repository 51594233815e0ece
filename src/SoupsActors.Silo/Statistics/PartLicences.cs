using System.Text.Json;
using SoupsActors.Cluster;
using SoupsActors.Grains.Device;

namespace SoupsActors.Silo.Statistics;

/// <summary>The packages that the program is made of, the model it serves, and their licences.</summary>
internal sealed class PartLicences(DeviceSettings? device)
{
    private static readonly (string Name, string Licence)[] Known = ReadKnown();
    private static readonly Lazy<PartLicence[]> Packages = new(ReadPackages);

    public PartLicence[] Read() =>
        device is null ? Packages.Value : [Model(device.Package), .. Packages.Value];

    /// <summary>The licence of a package; null where it is not known.</summary>
    internal static string? Of(string package) => Known.FirstOrDefault(known => known.Name.EndsWith('*')
        ? package.StartsWith(known.Name[..^1], StringComparison.Ordinal)
        : package == known.Name).Licence;

    private static PartLicence Model(ModelPackage package)
    {
        // Hugging Face's model cards begin with their facts, the licence among them.
        var card = Path.Combine(package.ModelFolder, "README.md");
        var line = File.Exists(card)
            ? File.ReadLines(card).Take(100).FirstOrDefault(l => l.StartsWith("license:", StringComparison.Ordinal))
            : null;
        var isPackaged = package.ModelFolder.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal);
        var licence = line?["license:".Length..].Trim() ?? (isPackaged ? "MIT" : "not stated in the model's README.md");
        return new PartLicence($"Model {package.Name}", "", licence);
    }

    // What the program was built with, from the list that the build puts beside it.
    private static PartLicence[] ReadPackages()
    {
        var versions = Versions(Path.Combine(AppContext.BaseDirectory, "SoupsActors.Silo.deps.json"));
        return
        [
            new PartLicence(".NET and ASP.NET Core", Environment.Version.ToString(), "MIT"),
            .. versions.Select(package => new PartLicence(package.Key, package.Value, Of(package.Key) ?? "unknown")),
        ];
    }

    /// <summary>Names and versions of the packages in a list of dependencies; empty where there is no such file.</summary>
    internal static IReadOnlyDictionary<string, string> Versions(string path)
    {
        var versions = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(path))
            return versions;
        using var list = JsonDocument.Parse(File.ReadAllBytes(path));
        foreach (var library in list.RootElement.GetProperty("libraries").EnumerateObject())
        {
            if (library.Value.GetProperty("type").GetString() == "package"
                && library.Name.Split('/') is [var name, var version])
            {
                versions[name] = version;
            }
        }

        return versions;
    }

    private static (string Name, string Licence)[] ReadKnown()
    {
        using var stream = typeof(PartLicences).Assembly.GetManifestResourceStream("licences.txt")
            ?? throw new InvalidOperationException("licences.txt is not part of the program.");
        using var reader = new StreamReader(stream);
        return
        [
            .. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(line => line.Split(' ', 2))
                .Select(pair => (pair[0], pair[1])),
        ];
    }
}
