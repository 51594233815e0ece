using Orleans.Storage;
using SoupsActors.Grains.Storage;
using SoupsActors.Testing;
using SoupsActors.Testing.Conformance;

namespace SoupsActors.Grains.Tests.Storage;

public sealed class SqliteGrainStorageTests : GrainStorageConformance, IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<int, SqliteDatabase> open = [];

    public void Dispose()
    {
        foreach (var database in open.Values)
            database.Dispose();
        folder.Dispose();
    }

    protected override bool IsDurable => true;

    protected override Task<IGrainStorage> OpenAsync(int run) => Task.FromResult<IGrainStorage>(
        new SqliteGrainStorage(open[run] = SqliteDatabase.Open(folder[$"{run}.db"])));

    protected override Task CloseAsync(int run)
    {
        if (open.Remove(run, out var database))
            database.Dispose();
        return Task.CompletedTask;
    }
}
