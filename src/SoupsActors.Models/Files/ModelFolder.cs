using System.Text.RegularExpressions;

namespace SoupsActors.Models.Files;

/// <summary>
/// Finds files in a folder that may come from strangers: a name leads to a file inside the folder or to an error.
/// </summary>
internal static partial class ModelFolder
{
    /// <summary>The path of a file of the folder, or null where there is none.</summary>
    /// <param name="folder">A folder the operator named.</param>
    /// <param name="name">A plain file name, perhaps written by a stranger.</param>
    /// <exception cref="ModelFormatException">
    /// The name has path parts, or is a link that leads out of the folder.
    /// </exception>
    public static string? Find(string folder, string name)
    {
        if (!PlainName().IsMatch(name) || DeviceName().IsMatch(name))
        {
            throw new ModelFormatException(
                folder,
                $"names the file '{name}'; only plain names of letters, digits, '.', '_' and '-' are followed.");
        }

        var path = Path.Combine(folder, name);
        var file = new FileInfo(path);
        if (!file.Exists)
            return null;
        if (file.LinkTarget is null)
            return path;
        var target = file.ResolveLinkTarget(returnFinalTarget: true);
        if (target is not FileInfo { Exists: true })
            return null;
        var root = Path.TrimEndingDirectorySeparator(LinkRoot(folder)) + Path.DirectorySeparatorChar;
        return Path.GetFullPath(target.FullName).StartsWith(root, StringComparison.Ordinal)
            ? path
            : throw new ModelFormatException(
                path, $"is a link to {target.FullName}, outside the folder; copy the file instead.");
    }

    /// <summary>The path of a file of the folder.</summary>
    /// <exception cref="ModelFormatException">There is none, or see <see cref="Find"/>.</exception>
    public static string Require(string folder, string name, string advice) =>
        Find(folder, name) ?? throw new ModelFormatException(folder, $"has no {name}; {advice}");

    // The download cache of Hugging Face keeps models--x/snapshots/<revision> as links into models--x/blobs.
    private static string LinkRoot(string folder)
    {
        var full = new DirectoryInfo(Path.GetFullPath(folder));
        return full.Parent is { Name: "snapshots", Parent: { } repository }
            && repository.Name.StartsWith("models--", StringComparison.Ordinal)
            ? repository.FullName
            : full.FullName;
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}\z", RegexOptions.None, 1000)]
    private static partial Regex PlainName();

    [GeneratedRegex(@"^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|\z)", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex DeviceName();
}
