using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using SoupsActors.Grains.Storage;
using SoupsActors.Grains.Storage.PostgreSql;
using SoupsActors.Silo.Hosting;
using SoupsActors.Testing;
using SoupsActors.Testing.PostgreSql;

namespace SoupsActors.Silo.Tests;

/// <summary>Two servers that run alone, on one database.</summary>
public sealed class DatabaseOwnerTests : IAsyncLifetime
{
    private readonly List<PostgreSqlDatabase> opened = [];
    private readonly ManualTimeProvider clock = new();
    private PostgreSqlServer server = null!;
    private string connectionString = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await PostgreSqlServer.StartAsync("max_connections=20");
        connectionString = await server.CreateDatabaseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in opened)
            database.Dispose();
        if (server is not null)
            await server.DisposeAsync();
    }

    [Fact]
    public async Task a_second_server_does_not_start_and_says_what_to_do()
    {
        string[] settings =
        [
            "--Soups:Storage:Provider=PostgreSql", $"--Soups:Storage:ConnectionString={connectionString}",
            "--Soups:Storage:StartTimeout=00:00:00",
        ];
        await using (var first = new TestServer(settings))
        {
            await first.InitializeAsync();
            await using var second = new TestServer(settings);
            var error = await Assert.ThrowsAsync<InvalidOperationException>(() => second.InitializeAsync().AsTask());
            Assert.Contains("Stop the other one, or name another database", error.Message, StringComparison.Ordinal);
        }

        await using var third = new TestServer(settings[..2]);
        await third.InitializeAsync();
    }

    [Fact]
    public async Task a_server_that_replaces_another_waits_for_its_end()
    {
        await using var old = Owner(new Lifetime());
        await old.StartingAsync(Cancelled);
        await using var next = Owner(new Lifetime());
        var starting = next.StartingAsync(Cancelled);
        Assert.False(starting.IsCompleted);

        await old.StoppedAsync(Cancelled);
        await UntilAsync(() => starting.IsCompleted, TimeSpan.FromMilliseconds(1));
        await starting;
    }

    [Fact]
    public async Task a_server_that_waited_long_enough_gives_up()
    {
        await using var old = Owner(new Lifetime());
        await old.StartingAsync(Cancelled);
        await using var next = Owner(new Lifetime());
        var starting = next.StartingAsync(Cancelled);
        await UntilAsync(() => starting.IsCompleted, TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<InvalidOperationException>(() => starting);
    }

    [Fact]
    public async Task a_claim_lost_with_the_connection_is_taken_again()
    {
        var lifetime = new Lifetime();
        await using var owner = Owner(lifetime);
        await owner.StartingAsync(Cancelled);
        var before = await HolderAsync();
        Assert.NotNull(before);
        await server.EndSessionsAsync(connectionString);

        await UntilAsync(async () => await HolderAsync() is { } now && now != before, TimeSpan.FromSeconds(5));
        Assert.False(lifetime.IsStopped);
    }

    [Fact]
    public async Task a_server_whose_database_was_taken_meanwhile_stops()
    {
        var lifetime = new Lifetime();
        var state = new StartupState();
        await using var owner = Owner(lifetime, state);
        await owner.StartingAsync(Cancelled);
        await server.EndSessionsAsync(connectionString);
        await using var other = new DatabaseClaim(Open(), cluster: null);
        await UntilAsync(() => other.TryTakeAsync(Cancelled), TimeSpan.Zero);

        await UntilAsync(() => lifetime.IsStopped, TimeSpan.FromSeconds(5));
        Assert.True(state.HasFailed);
        Assert.Contains("Another server uses the database", state.Reason, StringComparison.Ordinal);
    }

    private DatabaseOwner Owner(Lifetime lifetime, StartupState? state = null) => new(
        Open(),
        Options.Create(new SoupsOptions { Storage = new StorageOptions { ConnectionString = connectionString } }),
        state ?? new StartupState(),
        lifetime,
        clock,
        NullLogger<DatabaseOwner>.Instance);

    private PostgreSqlDatabase Open()
    {
        var database = new PostgreSqlDatabase(
            Options.Create(new StorageOptions { ConnectionString = connectionString }),
            clock,
            NullLogger<PostgreSqlDatabase>.Instance);
        opened.Add(database);
        return database;
    }

    // The server's process that holds a claim.
    private async Task<int?> HolderAsync()
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Cancelled);
        await using var command = new NpgsqlCommand("SELECT pid FROM pg_locks WHERE locktype = 'advisory'", connection);
        return await command.ExecuteScalarAsync(Cancelled) as int?;
    }

    private Task UntilAsync(Func<bool> holds, TimeSpan step) => UntilAsync(() => Task.FromResult(holds()), step);

    private async Task UntilAsync(Func<Task<bool>> holds, TimeSpan step)
    {
        while (!await holds())
        {
            Cancelled.ThrowIfCancellationRequested();
            clock.Advance(step);
            await Task.Yield();
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        private volatile bool isStopped;

        public bool IsStopped => isStopped;

        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication() => isStopped = true;
    }
}
