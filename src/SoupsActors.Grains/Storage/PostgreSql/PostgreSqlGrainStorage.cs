using Npgsql;
using Orleans.Runtime;
using Orleans.Storage;

namespace SoupsActors.Grains.Storage.PostgreSql;

/// <summary>
/// Grain state as JSON rows of a PostgreSQL table. Each write names the tag it replaces, so that of two writers one is
/// refused, wherever they run; writes of many grains share transactions.
/// </summary>
public sealed class PostgreSqlGrainStorage : IGrainStorage
{
    private const int Lanes = 2;
    private const int LargestBatch = 256;

    private readonly PostgreSqlDatabase database;
    private readonly WriteQueue<StateWrite, StateWritten> writes;

    /// <summary>Keeps state in the database, whose tables are there.</summary>
    public PostgreSqlGrainStorage(PostgreSqlDatabase database)
    {
        this.database = database;
        writes = new(Lanes, LargestBatch, items => database.RunAsync((c, again) => CommitAsync(c, items, again)));
    }

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var id = grainId.ToString();
        var rows = await database.RunAsync(connection => connection.QueryAsync(
            "SELECT etag, schema, json::text FROM soups_grain_state WHERE grain_id = $1 AND state_name = $2",
            row => (ETag: row.GetString(0), Schema: row.GetInt32(1), Json: row.GetString(2)),
            id,
            stateName));
        if (rows.Count == 0)
        {
            SetAbsent(grainState);
            return;
        }

        grainState.State = StateJson.Read<T>(rows[0].Json, rows[0].Schema, $"State '{stateName}' of {id}");
        grainState.ETag = rows[0].ETag;
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var next = Guid.NewGuid().ToString("N");
        await WriteAsync(new StateWrite(
            grainId.ToString(), stateName, grainState.ETag, next, StateJson.Write(grainState.State)));
        grainState.ETag = next;
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await WriteAsync(new StateWrite(grainId.ToString(), stateName, grainState.ETag, null, null));
        SetAbsent(grainState);
    }

    private async Task WriteAsync(StateWrite write)
    {
        var written = await writes.AddAsync(write);
        if (written.Done)
            return;
        throw new InconsistentStateException(
            $"State '{write.Name}' of {write.Grain} was changed by someone else since it was read.",
            written.Found,
            write.Expected);
    }

    // One round trip, one transaction. The tags tell what was carried out, also when the answer to an earlier try of the
    // same writes was lost.
    private static async Task<IReadOnlyList<StateWritten>> CommitAsync(
        NpgsqlConnection connection, IReadOnlyList<StateWrite> writes, bool again)
    {
        var inserts = writes.Where(w => w is { Expected: null, Next: not null }).ToArray();
        var updates = writes.Where(w => w is { Expected: not null, Next: not null }).ToArray();
        var deletes = writes.Where(w => w is { Expected: not null, Next: null }).ToArray();
        await using var batch = new NpgsqlBatch(connection);
        if (deletes.Length > 0)
        {
            batch.Then(
                "DELETE FROM soups_grain_state s USING unnest($1, $2, $3) AS w (grain_id, state_name, expected) "
                    + "WHERE s.grain_id = w.grain_id AND s.state_name = w.state_name AND s.etag = w.expected "
                    + "RETURNING w.expected",
                Column(deletes, w => w.Grain), Column(deletes, w => w.Name), Column(deletes, w => w.Expected!));
        }

        if (inserts.Length > 0)
        {
            batch.Then(
                "INSERT INTO soups_grain_state (grain_id, state_name, etag, schema, json) "
                    + $"SELECT g, n, e, {StateJson.Schema}, j FROM unnest($1, $2, $3, $4) AS w (g, n, e, j) "
                    + "ON CONFLICT DO NOTHING",
                Column(inserts, w => w.Grain), Column(inserts, w => w.Name), Column(inserts, w => w.Next!),
                PostgreSqlCommands.Json(inserts.Select(w => w.Json)));
        }

        if (updates.Length > 0)
        {
            batch.Then(
                $"UPDATE soups_grain_state s SET etag = w.next, schema = {StateJson.Schema}, json = w.json "
                    + "FROM unnest($1, $2, $3, $4, $5) AS w (grain_id, state_name, expected, next, json) "
                    + "WHERE s.grain_id = w.grain_id AND s.state_name = w.state_name AND s.etag = w.expected",
                Column(updates, w => w.Grain), Column(updates, w => w.Name), Column(updates, w => w.Expected!),
                Column(updates, w => w.Next!), PostgreSqlCommands.Json(updates.Select(w => w.Json)));
        }

        batch.Then(
            "SELECT grain_id, state_name, etag FROM soups_grain_state "
                + "JOIN unnest($1, $2) AS w (grain_id, state_name) USING (grain_id, state_name)",
            Column(writes, w => w.Grain), Column(writes, w => w.Name));
        await using var reader = await batch.ExecuteReaderAsync();
        var deleted = new HashSet<string>(StringComparer.Ordinal);
        if (deletes.Length > 0)
        {
            deleted.UnionWith(await reader.ReadAllAsync(row => row.GetString(0)));
            await reader.NextResultAsync();
        }

        var found = new Dictionary<(string, string), string>();
        while (await reader.ReadAsync())
            found[(reader.GetString(0), reader.GetString(1))] = reader.GetString(2);
        return [.. writes.Select(write =>
        {
            var tag = found.GetValueOrDefault((write.Grain, write.Name));
            var done = write switch
            {
                { Next: not null } => tag == write.Next,
                { Expected: null } => tag is null,
                _ => deleted.Contains(write.Expected) || (again && tag is null),
            };
            return new StateWritten(done, tag);
        })];
    }

    private static string[] Column(IEnumerable<StateWrite> writes, Func<StateWrite, string> part) =>
        [.. writes.Select(part)];

    private static void SetAbsent<T>(IGrainState<T> grainState)
    {
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    /// <summary>Replaces the state with tag <paramref name="Expected"/> (none: no state) by one with the next tag, or by
    /// none.</summary>
    private sealed record StateWrite(string Grain, string Name, string? Expected, string? Next, string? Json);

    /// <summary>Whether it was carried out, and the tag that is stored.</summary>
    private readonly record struct StateWritten(bool Done, string? Found);
}
