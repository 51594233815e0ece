using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;
using SoupsActors.Grains.Feedback;
using SoupsActors.Grains.Storage.PostgreSql;
using SoupsActors.Grains.Users.Directory;

namespace SoupsActors.Grains.Storage;

/// <summary>
/// The one place that knows what state can be kept in. A host that brings another store adds it before it builds the
/// silo, and settings choose it by name.
/// </summary>
public static class StorageProviders
{
    /// <summary>The setting that chooses.</summary>
    public const string Setting = "Soups:Storage:Provider";

    /// <summary>A file in the data directory; for one process.</summary>
    public const string Sqlite = "Sqlite";

    /// <summary>A PostgreSQL server; for any number of silos.</summary>
    public const string PostgreSql = "PostgreSql";

    private const string FeedbackSetting = "Soups:Storage:FeedbackProvider";

    private static readonly Dictionary<string, Action<ISiloBuilder>> States = new(StringComparer.OrdinalIgnoreCase)
    {
        [Sqlite] = AddSqliteState,
        [PostgreSql] = AddPostgreSqlState,
    };

    private static readonly Dictionary<string, Action<IServiceCollection>> Feedbacks = new(StringComparer.OrdinalIgnoreCase)
    {
        [Sqlite] = AddSqliteFeedback,
        [PostgreSql] = AddPostgreSqlFeedback,
    };

    /// <summary>Names that <see cref="Setting"/> takes.</summary>
    public static IReadOnlyCollection<string> Names => States.Keys;

    /// <summary>Names that may keep feedback.</summary>
    public static IReadOnlyCollection<string> FeedbackNames => Feedbacks.Keys;

    /// <summary>Adds another store for grain state and reminders.</summary>
    /// <param name="name">The name that <see cref="Setting"/> takes.</param>
    /// <param name="configure">
    /// Adds a grain storage under <see cref="GrainStorageNames.Soups"/>, which must refuse writes over another version,
    /// and reminders. Its own settings belong outside of the section <c>Soups</c>, whose names are checked.
    /// </param>
    public static void Add(string name, Action<ISiloBuilder> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        States.Add(name, configure);
    }

    /// <summary>
    /// Keeps state where the settings say. The host registers <see cref="StorageOptions"/>, and for SQLite a
    /// <see cref="SqliteDatabase"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The settings name a store that nobody has added.</exception>
    public static ISiloBuilder AddSoupsStorage(this ISiloBuilder silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        return silo.AddSoupsStorage(silo.Configuration[Setting] ?? Sqlite, silo.Configuration[FeedbackSetting]);
    }

    /// <summary>Keeps state in stores of these names.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="name">What keeps grain state and reminders.</param>
    /// <param name="feedback">What keeps feedback and answers; by default the same.</param>
    /// <exception cref="InvalidOperationException">Nobody has added a store of this name.</exception>
    public static ISiloBuilder AddSoupsStorage(this ISiloBuilder silo, string name, string? feedback = null)
    {
        ArgumentNullException.ThrowIfNull(silo);
        Find(States, name, Setting)(silo);
        Find(Feedbacks, feedback ?? name, FeedbackSetting)(silo.Services);
        return silo;
    }

    private static T Find<T>(Dictionary<string, T> known, string name, string setting) =>
        known.TryGetValue(name, out var found)
            ? found
            : throw new InvalidOperationException($"{setting} is '{name}'; it must be one of {string.Join(", ", known.Keys)}.");

    private static void AddSqliteState(ISiloBuilder silo)
    {
        silo.Services.AddGrainStorage(
            GrainStorageNames.Soups,
            (services, _) => new SqliteGrainStorage(services.GetRequiredService<SqliteDatabase>()));
        silo.Services.AddSingleton<IReminderTable, SqliteReminderTable>();
        silo.Services.AddSingleton<IStoredProfiles, SqliteStoredProfiles>();
        silo.Services.AddSingleton<IStoredUsers, SqliteStoredProfiles>();
        silo.AddReminders();
    }

    private static void AddPostgreSqlState(ISiloBuilder silo)
    {
        silo.Services.AddPostgreSqlDatabase();
        silo.Services.AddGrainStorage(
            GrainStorageNames.Soups,
            (services, _) => new PostgreSqlGrainStorage(services.GetRequiredService<PostgreSqlDatabase>()));
        silo.Services.AddSingleton<IReminderTable, PostgreSqlReminderTable>();
        silo.Services.AddSingleton<IStoredProfiles, PostgreSqlStoredProfiles>();
        silo.Services.AddSingleton<IStoredUsers, PostgreSqlStoredProfiles>();
        silo.AddReminders();
    }

    private static void AddSqliteFeedback(IServiceCollection services)
    {
        services.AddSingleton<IFeedbackStore, SqliteFeedbackStore>();
        services.AddSingleton<IInteractionStore, SqliteInteractionStore>();
        services.AddSingleton<IStoredUsers, SqliteStoredAnswers>();
    }

    private static void AddPostgreSqlFeedback(IServiceCollection services)
    {
        services.AddPostgreSqlDatabase();
        services.AddSingleton<IFeedbackStore, PostgreSqlFeedbackStore>();
        services.AddSingleton<IInteractionStore, PostgreSqlInteractionStore>();
        services.AddSingleton<IStoredUsers, PostgreSqlStoredAnswers>();
    }
}
