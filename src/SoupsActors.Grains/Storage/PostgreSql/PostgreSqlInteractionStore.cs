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
        await connection.ExecuteAsync(
            "INSERT INTO soups_interaction (id, user_id, at, schema, json) "
                + $"SELECT i, u, a, {StateJson.Schema}, j FROM unnest($1, $2, $3, $4) AS w (i, u, a, j) "
                + "ON CONFLICT DO NOTHING",
            interactions.Select(i => i.Id).ToArray(),
            interactions.Select(i => i.User).ToArray(),
            interactions.Select(i => i.At.UtcDateTime).ToArray(),
            PostgreSqlCommands.Json(interactions.Select(StateJson.Write)));
        return [.. interactions.Select(_ => true)];
    }

    private static Interaction Read(DbDataReader row) =>
        StateJson.Read<Interaction>(row.GetString(1), row.GetInt32(2), $"Interaction {row.GetString(0)}");
}
