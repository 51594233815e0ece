using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Timers;
using SoupsActors.Actors;

namespace Orleans;

/// <summary>
/// Reminders of grains that implement <see cref="IRemindable"/>; they outlast activations and, in a durable table,
/// processes.
/// </summary>
public static class GrainReminderExtensions
{
    /// <summary>
    /// Registers a reminder, or gives one of that name new times. The period is at least a minute unless told.
    /// </summary>
    public static Task<IGrainReminder> RegisterOrUpdateReminder(
        this IGrainBase grain, string reminderName, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
        if (grain is not IRemindable)
            throw new InvalidOperationException(
                $"{grain.GetType().Name} must implement IRemindable to have reminders.");
        return Registry(grain).RegisterOrUpdateReminder(grain.GrainContext.GrainId, reminderName, dueTime, period);
    }

    /// <summary>Removes a reminder.</summary>
    public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder) =>
        Registry(grain).UnregisterReminder(grain.GrainContext.GrainId, reminder);

    /// <summary>A reminder, or null.</summary>
    public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName) =>
        Registry(grain).GetReminder(grain.GrainContext.GrainId, reminderName);

    /// <summary>The reminders of this grain.</summary>
    public static Task<List<IGrainReminder>> GetReminders(this IGrainBase grain) =>
        Registry(grain).GetReminders(grain.GrainContext.GrainId);

    private static IReminderRegistry Registry(IGrainBase grain) =>
        ((Activation)grain.GrainContext).Host.ServiceProvider.GetService<IReminderRegistry>()
        ?? throw new OrleansConfigurationException(
            "Reminders are not set up: call siloBuilder.AddReminders() and register an IReminderTable, "
            + "or call siloBuilder.UseInMemoryReminderService().");
}
