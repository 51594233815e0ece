using System.Net.Sockets;
using Npgsql;

namespace SoupsActors.Silo.Hosting.Clustering;

/// <summary>
/// Creates what Orleans' ADO.NET provider reads and writes in PostgreSQL: two tables, and its queries by name. Any
/// number of silos may start at once.
/// </summary>
internal sealed partial class ClusterTables(string connectionString, TimeProvider clock, ILogger<ClusterTables> logger)
    : IHostedService
{
    private const long LockId = 0x534F5551;
    private const string Script = "Clustering.PostgreSql.sql";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <exception cref="InvalidOperationException">The server cannot be used; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await CreateAsync(cancellationToken);
                return;
            }
            catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                throw new InvalidOperationException(
                    $"The list of silos cannot be kept in PostgreSQL: {error.MessageText}. Grant CREATE on the schema, or "
                        + "start once with the owner's connection string.",
                    error);
            }
            catch (NpgsqlException error) when (error.IsTransient || error.InnerException is SocketException)
            {
                if (clock.GetElapsedTime(start) > Patience)
                {
                    throw new InvalidOperationException(
                        $"PostgreSQL, which keeps the list of silos, cannot be reached: {error.Message}", error);
                }

                LogWaiting(error.Message);
                await Task.Delay(Pause, clock, cancellationToken);
            }
            catch (NpgsqlException error)
            {
                throw new InvalidOperationException(
                    $"PostgreSQL does not let this silo in, which keeps the list of silos there: {error.Message}", error);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var wait = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({LockId})", connection))
            await wait.ExecuteNonQueryAsync(cancellationToken);
        await using (var create = new NpgsqlCommand(Text(), connection))
            await create.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static string Text()
    {
        using var stream = typeof(ClusterTables).Assembly.GetManifestResourceStream(Script)
            ?? throw new InvalidOperationException($"The program lacks its script {Script}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [LoggerMessage(LogLevel.Warning, "PostgreSQL cannot be reached yet ({Reason}); trying again.")]
    private partial void LogWaiting(string reason);
}
