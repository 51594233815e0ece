namespace SoupsActors.Grains.Storage;

/// <summary>Where state is kept.</summary>
public sealed class StorageOptions
{
    /// <summary>
    /// What keeps profiles, conversations, experts, trainings and reminders: <c>Sqlite</c>, a file in the data directory,
    /// <c>PostgreSql</c>, or a name that the host has added to <see cref="StorageProviders"/>.
    /// </summary>
    public string Provider { get; set; } = StorageProviders.Sqlite;

    /// <summary>What keeps feedback and answers: <c>Sqlite</c> or <c>PostgreSql</c>; by default what keeps the rest.</summary>
    public string? FeedbackProvider { get; set; }

    /// <summary>
    /// How PostgreSQL is reached, in Npgsql's form: <c>Host=db;Database=soups;Username=soups;Password=…</c>. Without a
    /// password there, PGPASSWORD and PGPASSFILE count.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// Most connections of this silo to PostgreSQL, 2 to 200. All silos together must stay below the server's
    /// max_connections, which is 100 where nobody has changed it.
    /// </summary>
    public int MaxConnections { get; set; } = 8;

    /// <summary>How long a start waits for PostgreSQL to be there, 0 to one hour.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long feedback is kept, at least one hour; by default for ever.</summary>
    public TimeSpan? FeedbackRetention { get; set; }
}
