using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;

namespace SoupsActors.Grains.Storage;

/// <summary>Makes grain state and reminders durable.</summary>
public static class SqliteSiloBuilderExtensions
{
    /// <summary>
    /// Keeps grain state and reminders in the <see cref="SqliteDatabase"/> that is registered as a service.
    /// </summary>
    public static ISiloBuilder AddSoupsStorage(this ISiloBuilder silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.AddGrainStorage(
            GrainStorageNames.Soups,
            (services, _) => new SqliteGrainStorage(services.GetRequiredService<SqliteDatabase>()));
        silo.Services.AddSingleton<IReminderTable, SqliteReminderTable>();
        return silo.AddReminders();
    }
}
