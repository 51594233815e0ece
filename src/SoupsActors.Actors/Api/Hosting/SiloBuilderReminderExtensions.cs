using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Timers;
using SoupsActors.Actors;

namespace Orleans.Hosting;

/// <summary>Registers reminders.</summary>
public static class SiloBuilderReminderExtensions
{
    /// <summary>Adds reminders, kept in the <see cref="IReminderTable"/> that is registered as a service.</summary>
    public static ISiloBuilder AddReminders(this ISiloBuilder builder) => builder.ConfigureServices(AddReminders);

    /// <inheritdoc cref="AddReminders(ISiloBuilder)"/>
    public static void AddReminders(this IServiceCollection services)
    {
        services.TryAddSingleton<ReminderService>();
        services.TryAddSingleton<IReminderRegistry>(provider => provider.GetRequiredService<ReminderService>());
    }
}

/// <summary>Registers reminders that last as long as the process, for tests.</summary>
public static class SiloBuilderReminderMemoryExtensions
{
    /// <summary>Adds reminders, kept in memory.</summary>
    public static ISiloBuilder UseInMemoryReminderService(this ISiloBuilder builder)
    {
        builder.Services.TryAddSingleton<IReminderTable, InMemoryReminderTable>();
        return builder.AddReminders();
    }
}
