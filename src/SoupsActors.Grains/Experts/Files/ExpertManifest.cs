using System.Security.Cryptography;

namespace SoupsActors.Grains.Experts;

/// <summary>A file of an expert's weights.</summary>
/// <param name="Name">Its name, one of those in PEFT's format.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">SHA-256 of its bytes, lower-case hexadecimal.</param>
public sealed record ExpertFile(string Name, long Bytes, string Sha256);

/// <summary>The files of an expert's weights, as one silo has them.</summary>
/// <param name="Hash">Content hash of the expert.</param>
/// <param name="Files">All files.</param>
public sealed record ExpertManifest(string Hash, ExpertFile[] Files)
{
    /// <summary>Where silos answer each other; the rest of the path is a hash and, for a file, its name.</summary>
    public const string Route = "/v1/internal/experts";

    /// <summary>Names of the files that each expert has.</summary>
    public static IReadOnlyList<string> RequiredNames => ExpertStore.RequiredFileNames;

    /// <summary>Whether a text can name content: 64 lower-case hexadecimal digits, and so no path.</summary>
    public static bool IsHash(string? text) => text is { Length: 64 } && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether it lists what an expert consists of, and nothing else.</summary>
    public bool IsComplete => Files is not null
        && Array.TrueForAll(Files, file => file is not null && ExpertStore.FileNames.Contains(file.Name)
            && IsHash(file.Sha256) && file.Bytes is >= 0 and <= ExpertStore.MaxFileBytes)
        && Files.Select(file => file.Name).Distinct().Count() == Files.Length
        && RequiredNames.All(name => Array.Exists(Files, file => file.Name == name));

    /// <summary>Reads a folder.</summary>
    public static async Task<ExpertManifest> OfAsync(string hash, string folder, CancellationToken cancellationToken)
    {
        var files = new List<ExpertFile>();
        foreach (var name in ExpertStore.FileNames.Where(name => File.Exists(Path.Combine(folder, name))))
        {
            await using var file = File.OpenRead(Path.Combine(folder, name));
            var sum = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
            files.Add(new ExpertFile(name, file.Length, sum));
        }

        return new ExpertManifest(hash, [.. files]);
    }
}
