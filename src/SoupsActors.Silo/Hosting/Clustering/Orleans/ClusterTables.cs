using System.Net.Sockets;
using Npgsql;

namespace SoupsActors.Silo.Hosting.Clustering;

/// <summary>
/// Creates what Orleans' ADO.NET provider reads and writes in PostgreSQL: two tables, and its queries by name. Any
/// number of silos may start at once. What is there already is left alone, so that a user without the right to create
/// tables can go on from where the owner has started once.
/// </summary>
internal sealed partial class ClusterTables(string connectionString, TimeProvider clock, ILogger<ClusterTables> logger)
    : IHostedService
{
    private const long LockId = 0x534F5551;

    private const string TablesAreMissing = """
        SELECT count(to_regclass(t)) < 3
        FROM unnest(ARRAY['OrleansQuery', 'OrleansMembershipVersionTable', 'OrleansMembershipTable']) t
        """;

    private const string RightsAreMissing = """
        SELECT NOT has_table_privilege('OrleansQuery', 'SELECT') OR bool_or(NOT has_table_privilege(t, r))
        FROM unnest(ARRAY['OrleansMembershipVersionTable', 'OrleansMembershipTable']) t,
             unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) r
        """;

    private static readonly string Tables = Read("ClusterTables.sql");
    private static readonly string Queries = Read("ClusterQueries.sql");

    private static readonly string QueriesDiffer =
        $"SELECT EXISTS ({Queries} EXCEPT SELECT QueryKey, QueryText FROM OrleansQuery)";

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
                    $"The list of silos cannot be kept in PostgreSQL: {error.MessageText}. Grant CREATE on the schema and "
                        + "all rights on the tables Orleans…, or start once with the owner's connection string.",
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
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({LockId})", cancellationToken);
        if (await IsTrueAsync(connection, TablesAreMissing, cancellationToken))
            await ExecuteAsync(connection, Tables, cancellationToken);
        if (await IsTrueAsync(connection, RightsAreMissing, cancellationToken))
        {
            throw new InvalidOperationException(
                "The list of silos cannot be kept in PostgreSQL: this user lacks rights on its tables. Grant SELECT on "
                    + "OrleansQuery, and SELECT, INSERT, UPDATE and DELETE on OrleansMembershipVersionTable and "
                    + "OrleansMembershipTable.");
        }

        if (await IsTrueAsync(connection, QueriesDiffer, cancellationToken))
        {
            await ExecuteAsync(
                connection,
                $"INSERT INTO OrleansQuery (QueryKey, QueryText) {Queries} "
                    + "ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText",
                cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<bool> IsTrueAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

#pragma warning disable CA2100 // constants and this assembly's own files
    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) => new(sql, connection);
#pragma warning restore CA2100

    private static string Read(string script)
    {
        using var stream = typeof(ClusterTables).Assembly.GetManifestResourceStream(script)
            ?? throw new InvalidOperationException($"The program lacks its script {script}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [LoggerMessage(LogLevel.Warning, "PostgreSQL cannot be reached yet ({Reason}); trying again.")]
    private partial void LogWaiting(string reason);
}
