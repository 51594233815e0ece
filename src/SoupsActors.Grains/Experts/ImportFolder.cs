namespace SoupsActors.Grains.Experts;

/// <summary>
/// The one directory below which requests may name folders to register. A name is a relative path of plain segments;
/// nothing in it may lead out, neither by its text nor by a link on the way.
/// </summary>
public sealed class ImportFolder(string? root)
{
    private readonly string? root = root is null ? null : Path.GetFullPath(root);

    private const int MostListed = 200;
    private const int Depth = 3;

    /// <summary>Whether there is such a directory.</summary>
    public bool IsEnabled => root is not null;

    /// <summary>Names of folders that hold an adapter, sorted; not all of them where there are very many.</summary>
    public IReadOnlyList<string> List() => root is null || !Directory.Exists(root)
        ? []
        : [.. Below(root, "", Depth).Take(MostListed).Order(StringComparer.Ordinal)];

    /// <summary>The folder that a request names.</summary>
    /// <exception cref="SoupsException">There is no import directory, or the name does not lead to a folder below
    /// it.</exception>
    public string Resolve(string? name)
    {
        if (root is null)
        {
            throw SoupsException.Invalid(
                "Registering from a folder is off. Set Soups:ImportDirectory to the directory that may be read.",
                "import_disabled",
                "path");
        }

        var segments = (name ?? "").Split('/');
        if (name is null || !Array.TrueForAll(segments, IsPlain))
        {
            throw SoupsException.Invalid(
                "`path` is a relative path below the import directory, such as 'friendly/v2': segments of letters, "
                    + "digits, dots, dashes and underscores, no links, no '..', no URL.",
                "invalid_path",
                "path");
        }

        var folder = root;
        foreach (var segment in segments)
        {
            folder = Path.Combine(folder, segment);
            var info = new DirectoryInfo(folder);
            if (info.LinkTarget is not null)
            {
                throw SoupsException.Invalid(
                    $"'{name}' leads over a link. Copy the folder below the import directory instead.",
                    "invalid_path", "path");
            }

            if (!info.Exists)
            {
                throw SoupsException.NotFound(
                    $"There is no folder '{name}' below the import directory.", "unknown_path", "path");
            }
        }

        return folder;
    }

    private static IEnumerable<string> Below(string folder, string name, int depth)
    {
        var inside = new DirectoryInfo(folder).EnumerateDirectories()
            .Where(info => IsPlain(info.Name) && info.LinkTarget is null);
        foreach (var info in inside)
        {
            var path = name.Length == 0 ? info.Name : $"{name}/{info.Name}";
            if (File.Exists(Path.Combine(info.FullName, "adapter_config.json")))
                yield return path;
            else if (depth > 1)
            {
                foreach (var deeper in Below(info.FullName, path, depth - 1))
                    yield return deeper;
            }
        }
    }

    // Expert ids have the same letters; the check against '.' and '..' is their first character's.
    private static bool IsPlain(string segment) => Identifiers.IsExpert(segment);
}
