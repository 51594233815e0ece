using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Timers;

namespace SoupsActors.Actors;

/// <summary>
/// Ticks reminders. The table is read when the host starts; after that this process is the only one that writes it. A
/// tick that
/// was due while no process ran comes at the next time of its schedule, not at once.
/// </summary>
internal sealed class ReminderService(
    GrainHost host, IServiceProvider services, IOptions<ReminderOptions> options) : IReminderRegistry
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

    private readonly Lock gate = new();
    private readonly Dictionary<(GrainId GrainId, string Name), Ticker> tickers = [];
    private bool stopped;

    private IReminderTable Table =>
        field ??= services.GetService<IReminderTable>() ?? throw new OrleansConfigurationException(
        "Reminders need a table: register an IReminderTable, or call siloBuilder.UseInMemoryReminderService().");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Table.StartAsync(cancellationToken);
        foreach (var row in (await Table.ReadRows(0, 0)).Reminders)
            Schedule(row);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            stopped = true;
            foreach (var ticker in tickers.Values)
                ticker.Dispose();
            tickers.Clear();
        }

        await Table.StopAsync(cancellationToken);
    }

    public async Task<IGrainReminder> RegisterOrUpdateReminder(
        GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime < TimeSpan.Zero || dueTime == Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(dueTime), dueTime, "A reminder's due time is from zero up.");
        if (period < options.Value.MinimumReminderPeriod)
        {
            throw new ArgumentException(
                $"A reminder's period is at least {options.Value.MinimumReminderPeriod} (ReminderOptions.MinimumReminderPeriod), "
                + $"but {reminderName} asks for {period}. For shorter periods use a grain timer.", nameof(period));
        }

        var row = new ReminderEntry
        {
            GrainId = callingGrainId,
            ReminderName = reminderName,
            StartAt = (host.Time.GetUtcNow() + dueTime).UtcDateTime,
            Period = period,
        };
        row.ETag = await Table.UpsertRow(row)
            ?? throw new ReminderException($"Reminder {reminderName} of {callingGrainId} could not be stored.");
        Schedule(row);
        return new Reminder(reminderName, row.ETag);
    }

    public async Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder)
    {
        ArgumentNullException.ThrowIfNull(reminder);
        if (!await Table.RemoveRow(callingGrainId, reminder.ReminderName, ((Reminder)reminder).ETag))
        {
            throw new ReminderException(
                $"Reminder {reminder.ReminderName} of {callingGrainId} was replaced or removed meanwhile; get it again.");
        }

        lock (gate)
        {
            if (tickers.Remove((callingGrainId, reminder.ReminderName), out var ticker))
                ticker.Dispose();
        }
    }

    public async Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName) =>
        await Table.ReadRow(callingGrainId, reminderName) is { } row ? new Reminder(row.ReminderName, row.ETag!) : null;

    public async Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId) =>
        [.. (await Table.ReadRows(callingGrainId)).Reminders.Select(row => new Reminder(row.ReminderName, row.ETag!))];

    private void Schedule(ReminderEntry row)
    {
        lock (gate)
        {
            if (tickers.Remove((row.GrainId, row.ReminderName), out var old))
                old.Dispose();
            if (!stopped)
                tickers[(row.GrainId, row.ReminderName)] = new Ticker(host, row);
        }
    }

    [GenerateSerializer]
    [Immutable]
    private sealed record Reminder(string ReminderName, string ETag) : IGrainReminder;

    /// <summary>One reminder's timer.</summary>
    private sealed class Ticker : IDisposable
    {
        private readonly GrainHost host;
        private readonly ReminderEntry row;
        private readonly ITimer timer;
        private DateTime next;

        public Ticker(GrainHost host, ReminderEntry row)
        {
            this.host = host;
            this.row = row;
            var now = host.Time.GetUtcNow().UtcDateTime;
            next = row.StartAt;
            if (next < now)
                next += row.Period * Math.Ceiling((now - next) / row.Period);
            using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            {
                timer = host.Time.CreateTimer(
                    static self => ((Ticker)self!).Due(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }

            Wait(now);
        }

        public void Dispose() => timer.Dispose();

        private void Wait(DateTime now)
        {
            // Timers reach only some weeks ahead.
            var left = next > now ? next - now : TimeSpan.Zero;
            timer.Change(left < LongestTimer ? left : LongestTimer, Timeout.InfiniteTimeSpan);
        }

        private void Due()
        {
            var now = host.Time.GetUtcNow().UtcDateTime;
            if (now >= next)
            {
                _ = TickAsync(new TickStatus(row.StartAt, row.Period, now));
                next += row.Period * (Math.Floor((now - next) / row.Period) + 1);
            }

            Wait(now);
        }

        private async Task TickAsync(TickStatus status)
        {
            try
            {
                var grain = (IRemindable)host.References.Create(typeof(IRemindable), row.GrainId);
                await grain.ReceiveReminder(row.ReminderName, status);
            }
            catch (Exception exception)
            {
                Log.ReminderFailed(host.Logger, exception, row.ReminderName, row.GrainId);
            }
        }
    }
}
