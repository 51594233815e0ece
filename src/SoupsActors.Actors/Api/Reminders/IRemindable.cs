using Orleans.Runtime;

namespace Orleans
{
    /// <summary>A grain that can be reminded.</summary>
    public interface IRemindable : IGrain
    {
        /// <summary>A reminder is due. The grain is activated for it if need be.</summary>
        Task ReceiveReminder(string reminderName, TickStatus status);
    }
}

namespace Orleans.Runtime
{
    /// <summary>A registered reminder.</summary>
    public interface IGrainReminder
    {
        /// <summary>The reminder's name.</summary>
        string ReminderName { get; }
    }

    /// <summary>Which tick of a reminder this is.</summary>
    [GenerateSerializer]
    [Immutable]
    public readonly struct TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp)
    {
        /// <summary>The time of the first tick, in UTC.</summary>
        [Id(0)]
        public DateTime FirstTickTime { get; } = firstTickTime;

        /// <summary>The time between ticks.</summary>
        [Id(1)]
        public TimeSpan Period { get; } = period;

        /// <summary>The time of this tick, in UTC.</summary>
        [Id(2)]
        public DateTime CurrentTickTime { get; } = timeStamp;

        /// <summary>All three.</summary>
        public override string ToString() => $"<{FirstTickTime}, {Period}, {CurrentTickTime}>";
    }

    /// <summary>A reminder could not be registered or removed.</summary>
    [GenerateSerializer]
    public sealed class ReminderException(string message) : OrleansException(message);
}

namespace Orleans.Timers
{
    /// <summary>Registers reminders.</summary>
    public interface IReminderRegistry
    {
        /// <summary>Registers a reminder, or gives one of that name new times.</summary>
        Task<IGrainReminder> RegisterOrUpdateReminder(
            GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period);

        /// <summary>Removes a reminder.</summary>
        /// <exception cref="ReminderException">It was replaced or removed meanwhile.</exception>
        Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder);

        /// <summary>A reminder, or null.</summary>
        Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName);

        /// <summary>The reminders of a grain.</summary>
        Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId);
    }
}
