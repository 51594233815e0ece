using System.Data.Common;
using Orleans.Runtime;

namespace SoupsActors.Grains.Storage.PostgreSql;

/// <summary>Reminders as rows of a PostgreSQL table.</summary>
public sealed class PostgreSqlReminderTable(PostgreSqlDatabase database) : IReminderTable
{
    private const string Columns = "SELECT grain_id, name, start_at, period, etag FROM soups_reminder ";

    /// <inheritdoc/>
    public async Task<ReminderTableData> ReadRows(GrainId grainId)
    {
        var id = grainId.ToString();
        return new ReminderTableData(
            await database.RunAsync(connection => connection.QueryAsync(Columns + "WHERE grain_id = $1", Read, id)));
    }

    /// <inheritdoc/>
    public async Task<ReminderTableData> ReadRows(uint begin, uint end)
    {
        var range = begin < end ? "WHERE hash > $1 AND hash <= $2" : "WHERE hash > $1 OR hash <= $2";
        return new ReminderTableData(await database.RunAsync(
            connection => connection.QueryAsync(Columns + range, Read, (long)begin, (long)end)));
    }

    /// <inheritdoc/>
    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
    {
        var id = grainId.ToString();
        var rows = await database.RunAsync(connection => connection.QueryAsync(
            Columns + "WHERE grain_id = $1 AND name = $2", Read, id, reminderName));
        return rows.Count == 0 ? null : rows[0];
    }

    /// <inheritdoc/>
    public async Task<string?> UpsertRow(ReminderEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var (id, hash) = (entry.GrainId.ToString(), (long)entry.GrainId.GetUniformHashCode());
        var etag = Guid.NewGuid().ToString("N");
        await database.RunAsync(connection => connection.ExecuteAsync(
            "INSERT INTO soups_reminder (grain_id, name, hash, start_at, period, etag) VALUES ($1, $2, $3, $4, $5, $6) "
                + "ON CONFLICT (grain_id, name) DO UPDATE SET hash = excluded.hash, start_at = excluded.start_at, "
                + "period = excluded.period, etag = excluded.etag",
            id,
            entry.ReminderName,
            hash,
            entry.StartAt.ToUniversalTime(),
            entry.Period,
            etag));
        return etag;
    }

    /// <inheritdoc/>
    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
    {
        var id = grainId.ToString();
        return await database.RunAsync(async (connection, again) => await connection.ExecuteAsync(
            "DELETE FROM soups_reminder WHERE grain_id = $1 AND name = $2 AND etag = $3", id, reminderName, eTag) == 1
            || again);
    }

    /// <inheritdoc/>
    public Task TestOnlyClearTable() =>
        database.RunAsync(connection => connection.ExecuteAsync("DELETE FROM soups_reminder"));

    private static ReminderEntry Read(DbDataReader row) => new()
    {
        GrainId = GrainId.Parse(row.GetString(0)),
        ReminderName = row.GetString(1),
        StartAt = row.GetDateTime(2),
        Period = row.GetFieldValue<TimeSpan>(3),
        ETag = row.GetString(4),
    };
}
