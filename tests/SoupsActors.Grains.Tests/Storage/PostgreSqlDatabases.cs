using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SoupsActors.Grains.Storage;
using SoupsActors.Grains.Storage.PostgreSql;
using SoupsActors.Testing.PostgreSql;

namespace SoupsActors.Grains.Tests.Storage;

/// <summary>Opens databases as a silo does.</summary>
internal static class PostgreSqlDatabases
{
    public static PostgreSqlDatabase Open(string connectionString, int maxConnections = 8, TimeSpan startTimeout = default) =>
        new(
            Options.Create(new StorageOptions
            {
                ConnectionString = connectionString,
                MaxConnections = maxConnections,
                StartTimeout = startTimeout,
            }),
            TimeProvider.System,
            NullLogger<PostgreSqlDatabase>.Instance);

    /// <summary>A new database with its tables.</summary>
    public static async Task<PostgreSqlDatabase> CreateAsync(this PostgreSqlFixture fixture)
    {
        var database = Open(await fixture.DatabaseAsync());
        await database.PrepareAsync(TestContext.Current.CancellationToken);
        return database;
    }
}
