using System.Security.Cryptography;
using System.Text.Json;
using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Grains.Trainings.Stages;

/// <summary>
/// The comparisons of a training, split by prompt: about one prompt in ten is kept back, the same ones in every training,
/// and nothing is learnt from its comparisons.
/// </summary>
internal sealed class TrainingSet
{
    private const ulong HeldOutOf = 10;

    private TrainingSet(IReadOnlyList<Comparison> comparisons)
    {
        var prompts = comparisons.Select(KeyOf).Distinct().ToArray();
        var heldOut = prompts.Where(p => TrainingFolder.Spread(p) % HeldOutOf == 0).ToHashSet(StringComparer.Ordinal);
        if (heldOut.Count == 0 || heldOut.Count == prompts.Length)
            heldOut = [prompts.MinBy(TrainingFolder.Spread)!];
        Learnt = [.. comparisons.Where(c => !heldOut.Contains(KeyOf(c)))];
        HeldOut = [.. comparisons.Where(c => heldOut.Contains(KeyOf(c)))];
    }

    /// <summary>To learn from.</summary>
    public IReadOnlyList<Comparison> Learnt { get; }

    /// <summary>Kept back.</summary>
    public IReadOnlyList<Comparison> HeldOut { get; }

    /// <summary>Splits comparisons; null where all are about one prompt.</summary>
    public static TrainingSet? Split(IReadOnlyList<Comparison> comparisons) =>
        comparisons.Select(KeyOf).Distinct().Take(2).Count() < 2 ? null : new TrainingSet(comparisons);

    /// <summary>Writes comparisons as JSON lines into a file named by their hash.</summary>
    public static async Task<string> WriteAsync(
        string folder, IEnumerable<Comparison> comparisons, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var incoming = Path.Combine(folder, ".incoming");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var file = new FileStream(incoming, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            foreach (var comparison in comparisons)
            {
                byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(comparison), (byte)'\n'];
                hash.AppendData(line);
                await file.WriteAsync(line, cancellationToken);
            }

            file.Flush(flushToDisk: true);
        }

        var name = Convert.ToHexStringLower(hash.GetHashAndReset());
        File.Move(incoming, FileOf(folder, name), overwrite: true);
        return name;
    }

    /// <summary>Reads what <see cref="WriteAsync"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The file is not what its name says.</exception>
    public static TrainingSet Read(string folder, string hash)
    {
        var path = FileOf(folder, hash);
        var bytes = File.ReadAllBytes(path);
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != hash)
            throw new InvalidDataException($"The comparisons in {Path.GetFileName(path)} were changed on disk.");
        var comparisons = new List<Comparison>();
        using var lines = new StreamReader(new MemoryStream(bytes));
        while (lines.ReadLine() is { } line)
            comparisons.Add(JsonSerializer.Deserialize<Comparison>(line)!);
        return Split(comparisons) ?? throw new InvalidDataException("All comparisons are about one prompt.");
    }

    /// <summary>The comparisons that a training has collected.</summary>
    public static TrainingSet Of(StageContext context) => Read(context.Folder.Data, context.Training.Data!.Hash);

    /// <summary>Different prompts of comparisons, and bare ones, as the model reads them.</summary>
    public static IReadOnlyList<RolloutPrompt> Prompts(
        IEnumerable<Comparison> comparisons, IEnumerable<string> more, StageContext context) =>
    [
        .. comparisons.DistinctBy(KeyOf)
            .Select(c => new RolloutPrompt(c.Prompt, context.Format.Prompt(c.Prompt, c.Earlier)))
            .Concat(more.Select(text => new RolloutPrompt(text, context.Format.Prompt(text))))

            // An answer needs room after its prompt.
            .Where(p => p.Tokens.Length + context.Request.MaxTokens <= context.Format.MaxTokens)
            .OrderBy(p => TrainingFolder.Spread(p.Text)),
    ];

    private static string KeyOf(Comparison comparison) =>
        JsonSerializer.Serialize(comparison.Earlier.Select(t => t.Content).Append(comparison.Prompt));

    private static string FileOf(string folder, string hash) => Path.Combine(folder, hash + ".jsonl");
}
