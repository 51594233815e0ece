using Microsoft.Extensions.Options;
using SoupsActors.Grains.Storage;

namespace SoupsActors.Silo.Hosting;

/// <summary>The directory that holds everything durable. One process owns it, from start to end.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream owner;

    public DataDirectory(IOptions<SoupsOptions> options)
    {
        Path = options.Value.DataPath;
        Directory.CreateDirectory(Path);
        owner = Own(System.IO.Path.Combine(Path, "soups.lock"));
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>Opens the file with all grain state, where no other database keeps it.</summary>
    public SqliteDatabase OpenDatabase() => SqliteDatabase.Open(System.IO.Path.Combine(Path, "soups.db"));

    public void Dispose() => owner.Dispose();

    // The operating system ends the lock with the process, however that ends.
    private FileStream Own(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new InvalidOperationException(
                $"Another server uses the data directory {Path}. Stop it, or set Soups:DataDirectory to another one.",
                error);
        }
    }
}
