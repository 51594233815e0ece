using System.Globalization;
using Npgsql;

namespace SoupsActors.Grains.Storage.PostgreSql;

/// <summary>
/// Creates and upgrades the tables. Each step is a numbered SQL file of this assembly and is applied once, by whichever
/// silo comes first; the others wait for it.
/// </summary>
internal static class PostgreSqlSchema
{
    /// <summary>Oldest server whose features the tables use, and that still gets fixes.</summary>
    public static readonly Version OldestServer = new(13, 0);

    private const long LockId = 0x534F5550; // "SOUP"; only this program takes it

    // A silo of the version before goes on working beside the new one while an upgrade rolls through the cluster, so the
    // table says which program may still use it, not only how far it has come.
    private const string Head = """
        CREATE TABLE soups_schema (
            only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
            version     integer NOT NULL,
            oldest_user integer NOT NULL,
            changed_at  timestamptz NOT NULL DEFAULT now()
        );
        INSERT INTO soups_schema (version, oldest_user) VALUES (0, 0);
        """;

    private static readonly string[] Tables =
        ["soups_grain_state", "soups_reminder", "soups_interaction", "soups_feedback", "soups_feedback_head"];

    /// <summary>
    /// For each step, the oldest version that may run beside it: its own number where older programs would do harm.
    /// </summary>
    private static readonly int[] OldestUser = [1];

    /// <summary>The version that this program brings about.</summary>
    public static int Version => OldestUser.Length;

    /// <summary>Makes the database fit for this program.</summary>
    /// <exception cref="InvalidOperationException">
    /// The server is too old, the database is a newer program's, or the user has too few rights.
    /// </exception>
    public static async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        RequireServer(connection.PostgreSqlVersion);
        if (await VersionAsync(connection, cancellationToken) < Version)
            await UpgradeAsync(connection, cancellationToken);
        await RequireRightsAsync(connection, cancellationToken);
    }

    /// <exception cref="InvalidOperationException">The server is too old.</exception>
    public static void RequireServer(Version version)
    {
        if (version < OldestServer)
        {
            throw new InvalidOperationException(
                $"The PostgreSQL server has version {version}; at least {OldestServer.Major} is needed. Upgrade the server.");
        }
    }

    private static async Task UpgradeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({LockId})", cancellationToken);
            var from = await VersionAsync(connection, cancellationToken);
            if (from < 0)
                await ExecuteAsync(connection, Head, cancellationToken);
            for (var step = Math.Max(from, 0) + 1; step <= Version; step++)
                await ExecuteAsync(connection, Step(step), cancellationToken);
            await ExecuteAsync(
                connection,
                $"UPDATE soups_schema SET version = {Version}, oldest_user = {OldestUser[^1]}, changed_at = now() "
                    + $"WHERE version < {Version}",
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new InvalidOperationException(
                $"{Who(connection)} may not create or change tables there ({error.MessageText}). "
                    + "Grant CREATE on the schema, or start once with the owner's connection string.",
                error);
        }
    }

    // -1 where there are no tables yet.
    private static async Task<int> VersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("SELECT to_regclass('soups_schema') IS NOT NULL", connection);
        if (!(bool)(await exists.ExecuteScalarAsync(cancellationToken))!)
            return -1;
        await using var command = new NpgsqlCommand("SELECT version, oldest_user FROM soups_schema", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (version, oldest) = (reader.GetInt32(0), reader.GetInt32(1));
        return oldest <= Version
            ? version
            : throw new InvalidOperationException(
                $"The database has tables of version {version}, which programs from version {oldest} on may use; this one "
                    + $"knows {Version}. Use a newer program.");
    }

    private static async Task RequireRightsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT t || ': ' || r FROM unnest($1::text[]) t, unnest($2::text[]) r WHERE NOT has_table_privilege(t, r)",
            connection)
        {
            Parameters =
            {
                new() { Value = Tables },
                new() { Value = (string[])["SELECT", "INSERT", "UPDATE", "DELETE"] },
            },
        };
        var missing = new List<string>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                missing.Add(reader.GetString(0));
        }

        if (missing.Count > 0)
        {
            throw new InvalidOperationException(
                $"{Who(connection)} lacks rights on tables there: {string.Join(", ", missing)}. Grant them.");
        }
    }

    private static string Who(NpgsqlConnection connection)
    {
        var about = new NpgsqlConnectionStringBuilder(connection.ConnectionString);
        return $"The PostgreSQL user '{about.Username}' of database '{connection.Database}'";
    }

    private static string Step(int number)
    {
        var assembly = typeof(PostgreSqlSchema).Assembly;
        var prefix = "postgresql/" + number.ToString("000", CultureInfo.InvariantCulture);
        var name = assembly.GetManifestResourceNames().Single(n => n.StartsWith(prefix, StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // constants and this assembly's own files
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
