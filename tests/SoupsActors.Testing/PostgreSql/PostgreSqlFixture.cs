namespace SoupsActors.Testing.PostgreSql;

/// <summary>
/// One server for the tests of an assembly, started when the first of them asks for it. An assembly declares it with
/// <c>[assembly: AssemblyFixture(typeof(PostgreSqlFixture))]</c>; tests that stop servers start their own.
/// </summary>
public sealed class PostgreSqlFixture : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private PostgreSqlServer? server;
    private int spaces;

    /// <summary>The server, or a skipped test where PostgreSQL is not installed.</summary>
    public async Task<PostgreSqlServer> ServerAsync()
    {
        await gate.WaitAsync();
        try
        {
            return server ??= await PostgreSqlServer.StartAsync();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>
    /// How to reach an empty space of its own: a schema of a shared database, which is quicker to make.
    /// </summary>
    public async Task<string> DatabaseAsync()
    {
        var running = await ServerAsync();
        var name = $"space{Interlocked.Increment(ref spaces)}";
        await running.ExecuteAsync($"CREATE SCHEMA {name}");
        return running.ConnectionString("postgres") + $";Search Path={name}";
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        gate.Dispose();
    }
}
