using System.Net.Sockets;
using Npgsql;

namespace SoupsActors.Grains.Storage.PostgreSql;

/// <summary>Which errors mean that the server is away, and what to tell about errors at the start.</summary>
internal static class PostgreSqlErrors
{
    /// <summary>Whether the same may succeed later: the server is away, starting, stopping, full or read-only.</summary>
    public static bool MeansUnavailable(Exception error) => error switch
    {
        PostgresException answer => answer.SqlState[..2] is "08" or "53" or "57" or "58" || answer.SqlState
            is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.InvalidPassword
            or PostgresErrorCodes.InvalidAuthorizationSpecification,
        NpgsqlException or SocketException or IOException or TimeoutException => true,
        _ => false,
    };

    /// <summary>Whether nobody answers there yet; false for an answer that waiting does not change.</summary>
    public static bool IsWorthWaiting(Exception error) => error is PostgresException answer
        ? answer.SqlState is PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections
            or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
        : MeansUnavailable(error);

    /// <summary>The refusal of a call that needed the server.</summary>
    public static SoupsException Unavailable() => new(
        SoupsError.Unavailable,
        "The database cannot be reached at the moment. Nothing is acknowledged; send the request again with the same "
            + "Idempotency-Key.",
        "storage_unavailable");

    /// <summary>Why a start failed, and what to do.</summary>
    public static string Explain(Exception error, NpgsqlConnectionStringBuilder about)
    {
        const string setting = "Soups:Storage:ConnectionString";
        var server = $"PostgreSQL at {about.Host}:{about.Port}";
        return error is PostgresException answer
            ? answer.SqlState switch
            {
                PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                    $"{server} does not let user '{about.Username}' in: {answer.MessageText}. "
                        + $"Check user name and password in {setting}.",
                PostgresErrorCodes.InvalidCatalogName =>
                    $"{server} has no database '{about.Database}'. Create it, or change {setting}.",
                PostgresErrorCodes.TooManyConnections =>
                    $"{server} has no connection left: {answer.MessageText}. Raise its max_connections, or lower "
                        + "Soups:Storage:MaxConnections.",
                PostgresErrorCodes.InsufficientPrivilege =>
                    $"{server} gives user '{about.Username}' too few rights: {answer.MessageText}.",
                _ => $"{server} refuses: {answer.MessageText} ({answer.SqlState}).",
            }
            : $"{server} cannot be reached: {error.InnerException?.Message ?? error.Message}. "
                + $"Check that the server runs and that {setting} names its host and port.";
    }
}
