using System.Data.Common;
using Microsoft.Extensions.Options;
using Npgsql;
using SoupsActors.Feedback;
using SoupsActors.Grains.Feedback;

namespace SoupsActors.Grains.Storage.PostgreSql;

/// <summary>Interactions as rows of a PostgreSQL table; those of many requests share transactions.</summary>
public sealed class PostgreSqlInteractionStore : IInteractionStore
{
    private const string Columns = "SELECT id, json::text, schema FROM soups_interaction ";
    private const int LargestBatch = 256;

    private static readonly string Insert = $"""
        INSERT INTO soups_interaction (id, user_id, at, schema, json)
        SELECT i, u, a, {StateJson.Schema}, j FROM unnest($1, $2, $3, $4) AS w (i, u, a, j)
        ON CONFLICT (id) DO UPDATE SET at = excluded.at, schema = excluded.schema, json = excluded.json
        WHERE soups_interaction.user_id IS NOT DISTINCT FROM excluded.user_id
            AND soups_interaction.json -> 'end' IS NULL AND excluded.json -> 'end' IS NOT NULL
        """;

    private const int PrunedAtOnce = 1000;

    private readonly PostgreSqlDatabase database;
    private readonly IOptions<InteractionOptions> options;
    private readonly TimeProvider clock;
    private readonly WriteQueue<Interaction, bool> adds;

    /// <summary>Keeps interactions in the database, whose tables are there.</summary>
    public PostgreSqlInteractionStore(
        PostgreSqlDatabase database, IOptions<InteractionOptions> options, TimeProvider clock)
    {
        this.database = database;
        this.options = options;
        this.clock = clock;
        adds = new(lanes: 1, LargestBatch, items => database.RunAsync(connection => InsertAsync(connection, items)));
    }

    private DateTime Oldest => (clock.GetUtcNow() - options.Value.Retention).UtcDateTime;

    /// <inheritdoc/>
    public Task AddAsync(Interaction interaction)
    {
        ArgumentNullException.ThrowIfNull(interaction);
        return adds.AddAsync(interaction);
    }

    /// <inheritdoc/>
    public async Task<Dictionary<string, Interaction>> FindAsync(IReadOnlyCollection<string> ids)
    {
        var found = await database.RunAsync(connection => connection.QueryAsync(
            Columns + "WHERE id = ANY($1) AND at >= $2", Read, ids.ToArray(), Oldest));
        return found.ToDictionary(interaction => interaction.Id, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public async Task<Interaction[]> ListAsync(string user) => [.. await database.RunAsync(
        connection => connection.QueryAsync(
            Columns + "WHERE user_id = $1 AND at >= $2 ORDER BY at, id", Read, user, Oldest))];

    /// <inheritdoc/>
    public async Task<int> PruneAsync(CancellationToken cancellationToken = default)
    {
        var all = 0;
        for (var pruned = PrunedAtOnce; pruned == PrunedAtOnce; all += pruned)
        {
            cancellationToken.ThrowIfCancellationRequested();
            pruned = await database.RunAsync(connection => connection.ExecuteAsync(
                "DELETE FROM soups_interaction WHERE id IN (SELECT id FROM soups_interaction WHERE at < $1 LIMIT $2)",
                Oldest,
                PrunedAtOnce));
        }

        return all;
    }

    private static async Task<IReadOnlyList<bool>> InsertAsync(
        NpgsqlConnection connection, IReadOnlyList<Interaction> interactions)
    {
        // One statement cannot write a row twice, so of those with one name the first goes first; in order, so that two
        // silos that write the same rows wait for each other one way only.
        for (var left = interactions; left.Count > 0;)
        {
            Interaction[] first = [.. left.DistinctBy(i => i.Id, StringComparer.Ordinal).OrderBy(i => i.Id, StringComparer.Ordinal)];
            await connection.ExecuteAsync(
                Insert,
                first.Select(i => i.Id).ToArray(),
                first.Select(i => i.User).ToArray(),
                first.Select(i => i.At.UtcDateTime).ToArray(),
                PostgreSqlCommands.Json(first.Select(StateJson.Write)));
            left = [.. left.Except(first, ReferenceEqualityComparer.Instance).Cast<Interaction>()];
        }

        return [.. interactions.Select(_ => true)];
    }

    private static Interaction Read(DbDataReader row) =>
        StateJson.Read<Interaction>(row.GetString(1), row.GetInt32(2), $"Interaction {row.GetString(0)}");
}
