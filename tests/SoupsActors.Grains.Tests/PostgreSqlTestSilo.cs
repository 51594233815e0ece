using Orleans.Hosting;
using SoupsActors.Grains.Storage;
using SoupsActors.Testing.PostgreSql;

namespace SoupsActors.Grains.Tests;

/// <summary>The same with everything in a PostgreSQL database of its own.</summary>
public sealed class PostgreSqlTestSilo(PostgreSqlFixture server) : TestSilo
{
    private string connectionString = "";

    protected override async Task PrepareStorageAsync() => connectionString = await server.DatabaseAsync();

    protected override void AddStorage(ISiloBuilder silo) => silo
        .Configure<StorageOptions>(options => options.ConnectionString = connectionString)
        .AddSoupsStorage(StorageProviders.PostgreSql);
}
