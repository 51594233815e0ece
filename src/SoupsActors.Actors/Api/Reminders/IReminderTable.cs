using Orleans.Runtime;

namespace Orleans;

/// <summary>Keeps reminders; register an implementation as a singleton service to make them durable.</summary>
public interface IReminderTable
{
    /// <summary>Opens the table.</summary>
    Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <summary>The reminders of a grain.</summary>
    Task<ReminderTableData> ReadRows(GrainId grainId);

    /// <summary>
    /// The reminders of the grains whose <see cref="GrainId.GetUniformHashCode"/> lies in (begin, end]; the range wraps
    /// around
    /// when begin is not less than end, so that (0, 0] is all of them.
    /// </summary>
    Task<ReminderTableData> ReadRows(uint begin, uint end);

    /// <summary>A reminder, or null.</summary>
    Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName);

    /// <summary>Adds or replaces a reminder and returns its new version.</summary>
    Task<string?> UpsertRow(ReminderEntry entry);

    /// <summary>Removes a reminder of this version; false when there is none.</summary>
    Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag);

    /// <summary>Removes everything.</summary>
    Task TestOnlyClearTable();

    /// <summary>Closes the table.</summary>
    Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
}

/// <summary>A number of reminders.</summary>
[GenerateSerializer]
public sealed class ReminderTableData
{
    /// <summary>These reminders.</summary>
    public ReminderTableData(IEnumerable<ReminderEntry> list) => Reminders = [.. list];

    /// <summary>This reminder.</summary>
    public ReminderTableData(ReminderEntry entry) => Reminders = [entry];

    /// <summary>No reminders.</summary>
    public ReminderTableData() => Reminders = [];

    /// <summary>The reminders.</summary>
    [Id(0)]
    public IList<ReminderEntry> Reminders { get; private set; }
}

/// <summary>A reminder as it is stored.</summary>
[GenerateSerializer]
public sealed class ReminderEntry
{
    /// <summary>The grain to be reminded.</summary>
    [Id(0)]
    public GrainId GrainId { get; set; }

    /// <summary>The reminder's name, unique within the grain.</summary>
    [Id(1)]
    public string ReminderName { get; set; } = null!;

    /// <summary>The time of the first tick, in UTC.</summary>
    [Id(2)]
    public DateTime StartAt { get; set; }

    /// <summary>The time between ticks.</summary>
    [Id(3)]
    public TimeSpan Period { get; set; }

    /// <summary>The version.</summary>
    [Id(4)]
    public string? ETag { get; set; }

    /// <summary>Grain, name and period.</summary>
    public override string ToString() => $"<GrainId={GrainId} ReminderName={ReminderName} Period={Period}>";
}
