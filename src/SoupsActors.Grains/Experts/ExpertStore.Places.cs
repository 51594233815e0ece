using SoupsActors.Models.Experts;

namespace SoupsActors.Grains.Experts;

/// <content>Which folders there are, and how they come from elsewhere and go.</content>
public sealed partial class ExpertStore
{
    private const string Fetching = ".fetching-";
    private const string Removing = ".removing-";

    /// <summary>Names of the files that an expert may consist of.</summary>
    internal static IReadOnlyList<string> FileNames { get; } = [.. Required, Card];

    /// <summary>Those that each expert has.</summary>
    internal static IReadOnlyList<string> RequiredFileNames => Required;

    /// <summary>The folder with this content, or null. Asking keeps it from being collected for a while.</summary>
    public string? Find(string hash)
    {
        if (!ExpertManifest.IsHash(hash))
            return null;
        try
        {
            Directory.SetLastWriteTimeUtc(PlaceOf(hash), clock.GetUtcNow().UtcDateTime);
            return PlaceOf(hash);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The content hashes of all folders.</summary>
    internal IReadOnlyCollection<string> Hashes() => Directory.EnumerateDirectories(root)
        .Select(path => Path.GetFileName(path))
        .Where(ExpertManifest.IsHash)
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>Where the files of a transfer gather; the same after a restart.</summary>
    internal string IncomingFor(string hash) => Path.Combine(root, Fetching + hash);

    /// <summary>Checks what was fetched, and gives it its place.</summary>
    /// <exception cref="SoupsException">It is damaged, or other content than was asked for.</exception>
    internal async Task<string> AdmitFetchedAsync(string incoming, string hash)
    {
        Expert expert;
        try
        {
            expert = await Task.Run(() => Check(incoming, "fetched"));
            if (expert.Hash != hash)
                throw Refuse($"What was fetched as {hash} is {expert.Hash}.");
        }
        catch (SoupsException error) when (error.Error != SoupsError.NotReady)
        {
            Directory.Delete(incoming, recursive: true);
            throw;
        }

        Settle(incoming, hash);
        if (Directory.Exists(incoming))
            Directory.Delete(incoming, recursive: true);
        return PlaceOf(hash);
    }

    /// <summary>
    /// Removes a folder that nobody has asked for since a time; false where somebody has. The folder is set aside first
    /// and looked at again, for somebody may ask between a look and a deletion.
    /// </summary>
    internal bool TryRemove(string hash, DateTimeOffset before)
    {
        var place = PlaceOf(hash);
        if (Asked(place) > before)
            return false;
        var aside = Path.Combine(root, $"{Removing}{hash}-{Guid.NewGuid():N}");
        try
        {
            Directory.Move(place, aside);
        }
        catch (IOException)
        {
            return false; // another process was faster
        }

        if (Asked(aside) > before)
        {
            Move(aside, place);
            if (Directory.Exists(aside))
                Directory.Delete(aside, recursive: true);
            return false;
        }

        Directory.Delete(aside, recursive: true);
        return true;
    }

    /// <summary>Removes what interrupted admissions, transfers and removals left before a time.</summary>
    internal void RemoveLeftovers(DateTimeOffset before)
    {
        foreach (var left in Directory.EnumerateDirectories(root, ".*"))
        {
            // A transfer is worth going on with; only old ones are given up.
            var limit = Path.GetFileName(left).StartsWith(Fetching, StringComparison.Ordinal)
                && before == DateTimeOffset.MaxValue ? clock.GetUtcNow() - TimeSpan.FromDays(1) : before;
            if (Asked(left) <= limit)
                Directory.Delete(left, recursive: true);
        }
    }

    /// <summary>The refusal for content that is nowhere.</summary>
    internal static SoupsException Gone(string hash) => SoupsException.Invalid(
        $"The weights {hash} of an expert are gone. Register the expert again.", "damaged_expert", "model");

    // What is there already is asked for before it is relied on, so that nobody collects it; else the folder moves in.
    private void Settle(string incoming, string hash)
    {
        while (Find(hash) is null)
            Move(incoming, PlaceOf(hash));
    }

    private static DateTimeOffset Asked(string folder) => new(Directory.GetLastWriteTimeUtc(folder), TimeSpan.Zero);

    private string PlaceOf(string hash) => Path.Combine(root, hash);
}
