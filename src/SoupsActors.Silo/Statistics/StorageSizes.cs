using Microsoft.Extensions.Options;
using SoupsActors.Cluster;
using SoupsActors.Silo.Hosting;

namespace SoupsActors.Silo.Statistics;

/// <summary>What the data directory takes, measured once a minute at most.</summary>
internal sealed class StorageSizes(IOptions<SoupsOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private StorageUse[] sizes = [];
    private long? measuredAt;

    public StorageUse[] Read()
    {
        lock (gate)
        {
            if (measuredAt is { } at && clock.GetElapsedTime(at) < Fresh)
                return sizes;
            sizes = Measure(new DirectoryInfo(options.Value.DataPath));
            measuredAt = clock.GetTimestamp();
            return sizes;
        }
    }

    // One line for each folder of the data directory, and one for the files in it: the database and its log.
    private static StorageUse[] Measure(DirectoryInfo data)
    {
        if (!data.Exists)
            return [];
        var folders = data.EnumerateDirectories()
            .Select(folder => new StorageUse(folder.Name, SizeOf(folder)))
            .OrderByDescending(use => use.Bytes);
        return [.. folders.Prepend(new StorageUse("database", data.EnumerateFiles().Sum(Length)))];
    }

    private static long SizeOf(DirectoryInfo folder)
    {
        var every = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        return folder.EnumerateFiles("*", every).Sum(Length);
    }

    private static long Length(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (IOException)
        {
            return 0; // Removed while it was counted.
        }
    }
}
