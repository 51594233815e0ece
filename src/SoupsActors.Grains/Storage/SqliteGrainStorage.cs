using Orleans.Runtime;
using Orleans.Storage;

namespace SoupsActors.Grains.Storage;

/// <summary>Grain state as JSON rows of one SQLite file, with an ETag that changes on each write.</summary>
public sealed class SqliteGrainStorage(SqliteDatabase database) : IGrainStorage
{
    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var id = grainId.ToString();
        var rows = await database.ReadAsync(session => session.Query(
            "SELECT etag, schema, json FROM grain_state WHERE grain_id = $grain AND state_name = $name",
            row => (ETag: row.GetString(0), Schema: row.GetInt32(1), Json: row.GetString(2)),
            ("$grain", id),
            ("$name", stateName)));
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
        var id = grainId.ToString();
        var expected = grainState.ETag;
        var next = Guid.NewGuid().ToString("N");
        var json = StateJson.Write(grainState.State);
        var changed = await database.WriteAsync(session => expected is null
            ? session.Execute(
                "INSERT OR IGNORE INTO grain_state (grain_id, state_name, etag, schema, json) "
                    + "VALUES ($grain, $name, $next, $schema, $json)",
                ("$grain", id),
                ("$name", stateName),
                ("$next", next),
                ("$schema", StateJson.Schema),
                ("$json", json))
            : session.Execute(
                "UPDATE grain_state SET etag = $next, schema = $schema, json = $json "
                    + "WHERE grain_id = $grain AND state_name = $name AND etag = $expected",
                ("$grain", id),
                ("$name", stateName),
                ("$next", next),
                ("$schema", StateJson.Schema),
                ("$json", json),
                ("$expected", expected)));
        if (changed == 0)
            throw Outdated(stateName, id, expected);
        grainState.ETag = next;
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var id = grainId.ToString();
        var expected = grainState.ETag;
        var fits = await database.WriteAsync(session => expected is null
            ? session.Query(
                "SELECT 1 FROM grain_state WHERE grain_id = $grain AND state_name = $name",
                static _ => true,
                ("$grain", id),
                ("$name", stateName)).Count == 0
            : session.Execute(
                "DELETE FROM grain_state WHERE grain_id = $grain AND state_name = $name AND etag = $expected",
                ("$grain", id),
                ("$name", stateName),
                ("$expected", expected)) == 1);
        if (!fits)
            throw Outdated(stateName, id, expected);
        SetAbsent(grainState);
    }

    private static void SetAbsent<T>(IGrainState<T> grainState)
    {
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private static InconsistentStateException Outdated(string stateName, string id, string? expected) => new(
        $"State '{stateName}' of {id} was changed by someone else since it was read (tag {expected ?? "none"}).");
}
