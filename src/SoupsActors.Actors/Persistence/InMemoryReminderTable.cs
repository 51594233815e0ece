using Orleans;
using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>Keeps reminders as long as the process lives.</summary>
internal sealed class InMemoryReminderTable : IReminderTable
{
    private readonly Lock gate = new();
    private readonly Dictionary<(GrainId GrainId, string Name), ReminderEntry> rows = [];

    public Task<ReminderTableData> ReadRows(GrainId grainId) => Select(row => row.GrainId == grainId);

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => Select(row =>
    {
        var hash = row.GrainId.GetUniformHashCode();
        return begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;
    });

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
    {
        lock (gate)
            return Task.FromResult(rows.GetValueOrDefault((grainId, reminderName)) is { } row ? Copy(row) : null);
    }

    public Task<string?> UpsertRow(ReminderEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        lock (gate)
        {
            var row = Copy(entry);
            row.ETag = Guid.NewGuid().ToString("N");
            rows[(entry.GrainId, entry.ReminderName)] = row;
            return Task.FromResult<string?>(row.ETag);
        }
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
    {
        lock (gate)
        {
            var key = (grainId, reminderName);
            return Task.FromResult(rows.TryGetValue(key, out var row) && row.ETag == eTag && rows.Remove(key));
        }
    }

    public Task TestOnlyClearTable()
    {
        lock (gate)
            rows.Clear();
        return Task.CompletedTask;
    }

    private Task<ReminderTableData> Select(Func<ReminderEntry, bool> predicate)
    {
        lock (gate)
            return Task.FromResult(new ReminderTableData(rows.Values.Where(predicate).Select(Copy)));
    }

    private static ReminderEntry Copy(ReminderEntry row) => new()
    {
        GrainId = row.GrainId,
        ReminderName = row.ReminderName,
        StartAt = row.StartAt,
        Period = row.Period,
        ETag = row.ETag,
    };
}
