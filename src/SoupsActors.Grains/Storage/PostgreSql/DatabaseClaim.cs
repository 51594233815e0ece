using Npgsql;

namespace SoupsActors.Grains.Storage.PostgreSql;

/// <summary>
/// A claim on the tables of a database, so that servers that do not know of each other never both keep the same users: one
/// that is alone claims them whole, the silos of a cluster claim them together. It is a session's advisory lock on a
/// connection of its own, which the server gives back when the process ends, however it ends.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="cluster">Names the cluster whose silos share the claim; null where this server is alone.</param>
public sealed class DatabaseClaim(PostgreSqlDatabase database, string? cluster) : IAsyncDisposable
{
    private const string Prefix = "soups cluster ";

    // Together with the schema's hash, for a database may hold tables of several systems.
    private const int LockClass = 0x534F5550; // "SOUP"

    // Where a machine is lost without a word, its session must not outlive it by the two hours that are usual.
    private const string EndWithThePeer =
        "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2;";

    // Sessions that hold the lock say in their name whose they are.
    private const string OtherClusters = $"""
        SELECT activity.application_name FROM pg_locks AS lock JOIN pg_stat_activity AS activity USING (pid)
        WHERE lock.locktype = 'advisory' AND lock.granted AND lock.classid = $1::bigint::oid
            AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND lock.objid::bigint = hashtext(current_schema())::bigint & 4294967295
            AND starts_with(activity.application_name, '{Prefix}')
            AND activity.application_name <> current_setting('application_name')
        LIMIT 1
        """;

    private NpgsqlConnection? connection;
    private string? other;

    /// <summary>What to tell those whose claim is refused.</summary>
    public string Refusal => cluster is not null
        ? $"{Other} uses {database.Name}, and this silo of the cluster {cluster} would not know "
            + "of it. Stop it, or name another database in Soups:Storage:ConnectionString; silos that belong together have "
            + "the same Soups:Cluster:ServiceId and ClusterId."
        : $"Another server uses {database.Name}, and this one, which runs alone, would not know of it. Stop the other one, "
            + "or name another database in Soups:Storage:ConnectionString; servers that share one are a cluster, which "
            + "the build with -p:ActorHost=Orleans and Soups:Cluster:Membership make of them.";

    /// <summary>Claims the tables anew, on a new connection.</summary>
    /// <returns>
    /// False where others hold them. Of two clusters that come at the same moment each sees the other, and neither gets them.
    /// </returns>
    /// <exception cref="NpgsqlException">The server is away.</exception>
    public async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        await ReleaseAsync();
        connection = database.OutsideOfThePool(cluster is null ? "soups" : Prefix + cluster);
        await connection.OpenAsync(cancellationToken);
        var take = cluster is null
            ? "SELECT pg_try_advisory_lock($1, hashtext(current_schema()))"
            : "SELECT pg_try_advisory_lock_shared($1, hashtext(current_schema()))";
        await ExecuteAsync(EndWithThePeer, cancellationToken);
        var isTaken = await ExecuteAsync(take, cancellationToken, LockClass) is true;
        other = isTaken && cluster is not null
            ? await ExecuteAsync(OtherClusters, cancellationToken, LockClass) as string
            : null;
        if (isTaken && other is null)
            return true;
        await ReleaseAsync();
        return false;
    }

    /// <summary>Whether the claim is still there: false where the connection was lost, and the lock with it.</summary>
    public async Task<bool> HoldsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ExecuteAsync("SELECT true", cancellationToken) is true;
        }
        catch (Exception error) when (PostgreSqlErrors.MeansUnavailable(error) || error is InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Gives the tables back.</summary>
    public ValueTask DisposeAsync() => ReleaseAsync();

    private string Other => other is null ? "A server that runs alone" : "The cluster " + other[Prefix.Length..];

    private async Task<object?> ExecuteAsync(string sql, CancellationToken cancellationToken, params int[] arguments)
    {
#pragma warning disable CA2100 // constants of this class
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = argument });
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private async ValueTask ReleaseAsync()
    {
        if (Interlocked.Exchange(ref connection, null) is { } held)
            await held.DisposeAsync();
    }
}
