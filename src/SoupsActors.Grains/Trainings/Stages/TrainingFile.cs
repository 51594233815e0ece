using System.Security.Cryptography;
using System.Text.Json;
using SoupsActors.Learning.Data;

namespace SoupsActors.Grains.Trainings.Stages;

/// <summary>
/// Comparisons and the parts they are in as JSON lines, in a file named by its hash: a training that goes on reads what
/// it began with.
/// </summary>
internal static class TrainingFile
{
    /// <summary>Writes a file and returns its name.</summary>
    public static async Task<string> WriteAsync(
        string folder,
        IEnumerable<(Comparison Comparison, bool HeldOut)> comparisons,
        CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var incoming = Path.Combine(folder, ".incoming");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var file = new FileStream(incoming, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            foreach (var (comparison, heldOut) in comparisons)
            {
                byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(new Line(comparison, heldOut)), (byte)'\n'];
                hash.AppendData(line);
                await file.WriteAsync(line, cancellationToken);
            }

            file.Flush(flushToDisk: true);
        }

        var name = Convert.ToHexStringLower(hash.GetHashAndReset());
        File.Move(incoming, FileOf(folder, name), overwrite: true);
        return name;
    }

    /// <summary>Reads what <see cref="WriteAsync"/> wrote, or an older program.</summary>
    /// <exception cref="InvalidDataException">The file is not what its name says.</exception>
    public static IReadOnlyList<(Comparison Comparison, bool HeldOut)> Read(string folder, string hash)
    {
        var path = FileOf(folder, hash);
        var bytes = File.ReadAllBytes(path);
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != hash)
            throw new InvalidDataException($"The comparisons in {Path.GetFileName(path)} were changed on disk.");
        using var reader = new StreamReader(new MemoryStream(bytes));
        var marked = new List<(Comparison, bool)>();
        var unmarked = new List<Comparison>();
        while (reader.ReadLine() is { } text)
        {
            if (JsonSerializer.Deserialize<Line>(text) is { Comparison: { } comparison } line)
                marked.Add((comparison, line.HeldOut));
            else
                unmarked.Add(JsonSerializer.Deserialize<Comparison>(text)!);
        }

        if (unmarked.Count == 0)
            return marked;
        var heldOut = HeldOutPrompts.OfUnmarked(unmarked);
        return [.. unmarked.Select(c => (c, heldOut.Contains(c)))];
    }

    private static string FileOf(string folder, string hash) => Path.Combine(folder, hash + ".jsonl");

    private sealed record Line(Comparison? Comparison, bool HeldOut);
}
