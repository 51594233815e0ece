using System.Data.Common;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace SoupsActors.Grains.Storage.PostgreSql;

/// <summary>
/// A PostgreSQL database with a bounded pool of connections. While the server is away, calls fail at once and as
/// <see cref="SoupsError.Unavailable"/>; when it is back, they succeed again without anything being restarted.
/// </summary>
public sealed partial class PostgreSqlDatabase : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly StorageOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly NpgsqlConnectionStringBuilder about;
    private readonly NpgsqlDataSource source;
    private long failedAt;
    private volatile bool isAway;

    /// <summary>Connects to nothing yet.</summary>
    /// <exception cref="InvalidOperationException">The connection string is missing or wrong.</exception>
    public PostgreSqlDatabase(IOptions<StorageOptions> options, TimeProvider clock, ILogger<PostgreSqlDatabase> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options.Value;
        this.clock = clock;
        this.logger = logger;
        about = Describe(this.options);
        source = NpgsqlDataSource.Create(about);
    }

    /// <summary>Which database this is, for messages.</summary>
    public string Name => $"the database '{about.Database ?? about.Username}' of PostgreSQL at {about.Host}:{about.Port}";

    /// <summary>What is wrong with a connection string, or null. Never repeats it, for it holds a password.</summary>
    public static string? Problem(string? connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
            return "is missing; it must be as Host=db;Database=soups;Username=soups;Password=…";
        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(connectionString);
            return string.IsNullOrEmpty(parsed.Host) ? "names no Host" : null;
        }
        catch (Exception error) when (error is ArgumentException or FormatException or KeyNotFoundException)
        {
            return "cannot be read; it must be as Host=db;Database=soups;Username=soups;Password=…";
        }
    }

    /// <summary>Waits for the server, and creates or upgrades the tables.</summary>
    /// <exception cref="InvalidOperationException">It cannot be used; the message says why and what to do.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken = default)
    {
        var start = clock.GetTimestamp();
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancellationToken);
                await PostgreSqlSchema.PrepareAsync(connection, cancellationToken);
                await WarnOfFragilityAsync(connection, cancellationToken);
                return;
            }
            catch (Exception error) when (PostgreSqlErrors.IsWorthWaiting(error)
                && clock.GetElapsedTime(start) < options.StartTimeout)
            {
                if (isFirst)
                    LogWaiting(PostgreSqlErrors.Explain(error, about));
            }
            catch (Exception error) when (error is DbException || PostgreSqlErrors.MeansUnavailable(error))
            {
                throw new InvalidOperationException(PostgreSqlErrors.Explain(error, about), error);
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    /// <summary>Runs something that may be run twice.</summary>
    /// <exception cref="SoupsException">The server is away.</exception>
    internal Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work) => RunAsync((connection, _) => work(connection));

    /// <summary>
    /// Runs something that may be run twice: a pooled connection may have died unnoticed, or the answer to a commit may
    /// have been lost; the second time the work is told so.
    /// </summary>
    /// <exception cref="SoupsException">The server is away.</exception>
    internal async Task<T> RunAsync<T>(Func<NpgsqlConnection, bool, Task<T>> work)
    {
        if (isAway && clock.GetElapsedTime(Interlocked.Read(ref failedAt)) < Pause)
            throw PostgreSqlErrors.Unavailable();
        for (var again = false; ; again = true)
        {
            await using var connection = await OpenAsync();
            try
            {
                return await work(connection, again);
            }
            catch (Exception error) when (PostgreSqlErrors.MeansUnavailable(error))
            {
                source.Clear();
                if (again)
                    throw Away(error, isGone: false);
            }
        }
    }

    /// <summary>A closed connection that no other work will use, and that no limit on the pool's counts.</summary>
    /// <param name="name">What the server's list of sessions shows; cut after 63 bytes.</param>
    internal NpgsqlConnection OutsideOfThePool(string name) => new(new NpgsqlConnectionStringBuilder(about.ConnectionString)
    {
        Pooling = false,
        ApplicationName = name,
    }.ConnectionString);

    /// <summary>Closes all connections.</summary>
    public void Dispose() => source.Dispose();

    private async Task<NpgsqlConnection> OpenAsync()
    {
        try
        {
            var connection = await source.OpenConnectionAsync();
            if (isAway)
            {
                isAway = false;
                LogBack();
            }

            return connection;
        }
        catch (Exception error) when (PostgreSqlErrors.MeansUnavailable(error))
        {
            // A pool that is merely busy says so after a time-out; that is no reason to turn others away.
            throw Away(error, isGone: error is PostgresException or { InnerException: not (null or TimeoutException) });
        }
    }

    // Says so once in a while, not for each of the calls that fail.
    private SoupsException Away(Exception error, bool isGone)
    {
        var before = Interlocked.Read(ref failedAt);
        if (!isAway && (before == 0 || clock.GetElapsedTime(before) >= Pause))
            LogAway(PostgreSqlErrors.Explain(error, about));
        Interlocked.Exchange(ref failedAt, clock.GetTimestamp());
        if (isGone)
            isAway = true;
        return PostgreSqlErrors.Unavailable();
    }

    private async Task WarnOfFragilityAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var setting in (string[])["fsync", "synchronous_commit"])
        {
            await using var command = new NpgsqlCommand("SELECT current_setting($1)", connection)
            {
                Parameters = { new() { Value = setting } },
            };
            if (await command.ExecuteScalarAsync(cancellationToken) is "off")
                LogFragile(setting);
        }
    }

    private static NpgsqlConnectionStringBuilder Describe(StorageOptions options)
    {
        if (Problem(options.ConnectionString) is { } problem)
            throw new InvalidOperationException($"Soups:Storage:ConnectionString {problem}.");
        var given = new DbConnectionStringBuilder { ConnectionString = options.ConnectionString };
        var all = PostgreSqlConnections.Read(options.ConnectionString!);
        all.MaxPoolSize = options.MaxConnections;
        all.ApplicationName ??= "soups";
        if (!given.ContainsKey("Timeout"))
            all.Timeout = 5;
        if (!given.ContainsKey("Command Timeout"))
            all.CommandTimeout = 15;
        if (!given.ContainsKey("Max Auto Prepare"))
            all.MaxAutoPrepare = 40;
        return all;
    }

    [LoggerMessage(LogLevel.Warning, "Waiting for the database. {Reason}")]
    private partial void LogWaiting(string reason);

    [LoggerMessage(LogLevel.Error, "The database is away; what needs it is refused until it is back. {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(LogLevel.Information, "The database is back.")]
    private partial void LogBack();

    [LoggerMessage(
        LogLevel.Warning,
        "PostgreSQL's {Setting} is off: it acknowledges writes that a crash of its machine loses. Turn it on.")]
    private partial void LogFragile(string setting);
}
