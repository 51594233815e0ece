using Microsoft.Extensions.Options;
using SoupsActors.Feedback;
using SoupsActors.Grains.Storage;

namespace SoupsActors.Grains.Feedback;

/// <summary>Interactions as rows of the data file.</summary>
public sealed class SqliteInteractionStore(
    SqliteDatabase database, IOptions<InteractionOptions> options, TimeProvider clock) : IInteractionStore
{
    private const int PrunedAtOnce = 1000;

    private long Oldest => (clock.GetUtcNow() - options.Value.Retention).ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public Task AddAsync(Interaction interaction)
    {
        ArgumentNullException.ThrowIfNull(interaction);
        var at = interaction.At.ToUnixTimeMilliseconds();
        var json = StateJson.Write(interaction);
        return database.WriteAsync(session => session.Execute(
            """
            INSERT INTO interaction (id, user, at, schema, json) VALUES ($id, $user, $at, $schema, $json)
            ON CONFLICT (id) DO UPDATE SET at = excluded.at, schema = excluded.schema, json = excluded.json
            WHERE interaction.user IS excluded.user
                AND json_extract(interaction.json, '$.end') IS NULL
                AND json_extract(excluded.json, '$.end') IS NOT NULL
            """,
            ("$id", interaction.Id),
            ("$user", interaction.User),
            ("$at", at),
            ("$schema", StateJson.Schema),
            ("$json", json)));
    }

    /// <inheritdoc/>
    public Task<Dictionary<string, Interaction>> FindAsync(IReadOnlyCollection<string> ids)
    {
        var oldest = Oldest;
        return database.ReadAsync(session => ids
            .Distinct(StringComparer.Ordinal)
            .SelectMany(id => session.Query(
                "SELECT id, json, schema FROM interaction WHERE id = $id AND at >= $oldest",
                Read,
                ("$id", id),
                ("$oldest", oldest)))
            .ToDictionary(i => i.Id, StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public Task<Interaction[]> ListAsync(string user)
    {
        var oldest = Oldest;
        return database.ReadAsync(session => session.Query(
            "SELECT id, json, schema FROM interaction WHERE user = $user AND at >= $oldest ORDER BY at, id",
            Read,
            ("$user", user),
            ("$oldest", oldest)).ToArray());
    }

    /// <inheritdoc/>
    public async Task<int> PruneAsync(CancellationToken cancellationToken = default)
    {
        var all = 0;
        for (var pruned = PrunedAtOnce; pruned == PrunedAtOnce; all += pruned)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var oldest = Oldest;
            pruned = await database.WriteAsync(session => session.Execute(
                "DELETE FROM interaction WHERE id IN (SELECT id FROM interaction WHERE at < $oldest LIMIT $most)",
                ("$oldest", oldest),
                ("$most", PrunedAtOnce)));
        }

        return all;
    }

    private static Interaction Read(Microsoft.Data.Sqlite.SqliteDataReader row) =>
        StateJson.Read<Interaction>(row.GetString(1), row.GetInt32(2), $"Interaction {row.GetString(0)}");
}
