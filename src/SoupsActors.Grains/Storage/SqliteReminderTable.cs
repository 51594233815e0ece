using System.Globalization;
using Microsoft.Data.Sqlite;
using Orleans.Runtime;

namespace SoupsActors.Grains.Storage;

/// <summary>Reminders as rows of the file that also holds grain state; they outlive the process.</summary>
public sealed class SqliteReminderTable(SqliteDatabase database) : IReminderTable
{
    private const string Columns = "SELECT grain_id, name, start_at, period, etag FROM reminder ";

    /// <inheritdoc/>
    public async Task<ReminderTableData> ReadRows(GrainId grainId)
    {
        var id = grainId.ToString();
        return new ReminderTableData(await database.ReadAsync(
            session => session.Query(Columns + "WHERE grain_id = $grain", Read, ("$grain", id))));
    }

    /// <inheritdoc/>
    public async Task<ReminderTableData> ReadRows(uint begin, uint end)
    {
        var range = begin < end ? "WHERE hash > $begin AND hash <= $end" : "WHERE hash > $begin OR hash <= $end";
        return new ReminderTableData(await database.ReadAsync(
            session => session.Query(Columns + range, Read, ("$begin", (long)begin), ("$end", (long)end))));
    }

    /// <inheritdoc/>
    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
    {
        var id = grainId.ToString();
        var rows = await database.ReadAsync(session => session.Query(
            Columns + "WHERE grain_id = $grain AND name = $name", Read, ("$grain", id), ("$name", reminderName)));
        return rows.Count == 0 ? null : rows[0];
    }

    /// <inheritdoc/>
    public async Task<string?> UpsertRow(ReminderEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var id = entry.GrainId.ToString();
        var hash = (long)entry.GrainId.GetUniformHashCode();
        var (name, period, etag) = (entry.ReminderName, entry.Period.Ticks, Guid.NewGuid().ToString("N"));
        var start = entry.StartAt.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);
        await database.WriteAsync(session => session.Execute(
            "INSERT OR REPLACE INTO reminder (grain_id, name, hash, start_at, period, etag) "
                + "VALUES ($grain, $name, $hash, $start, $period, $etag)",
            ("$grain", id),
            ("$name", name),
            ("$hash", hash),
            ("$start", start),
            ("$period", period),
            ("$etag", etag)));
        return etag;
    }

    /// <inheritdoc/>
    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
    {
        var id = grainId.ToString();
        return await database.WriteAsync(session => session.Execute(
            "DELETE FROM reminder WHERE grain_id = $grain AND name = $name AND etag = $etag",
            ("$grain", id),
            ("$name", reminderName),
            ("$etag", eTag))) == 1;
    }

    /// <inheritdoc/>
    public Task TestOnlyClearTable() => database.WriteAsync(session => session.Execute("DELETE FROM reminder"));

    private static ReminderEntry Read(SqliteDataReader row) => new()
    {
        GrainId = GrainId.Parse(row.GetString(0)),
        ReminderName = row.GetString(1),
        StartAt = DateTime.Parse(row.GetString(2), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        Period = TimeSpan.FromTicks(row.GetInt64(3)),
        ETag = row.GetString(4),
    };
}
