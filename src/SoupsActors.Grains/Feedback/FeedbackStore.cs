using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SoupsActors.Feedback;
using SoupsActors.Grains.Storage;
using SoupsActors.Learning.Data;

namespace SoupsActors.Grains.Feedback;

/// <summary>An event that was checked and is ready to be stored.</summary>
internal sealed record CheckedFeedback(FeedbackEvent Event, string Json, string Fingerprint, FeedbackContext? Context)
{
    public static (string Json, string Fingerprint) Print(FeedbackEvent feedback)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(feedback, FeedbackJson.Options);
        return (System.Text.Encoding.UTF8.GetString(json), Convert.ToHexStringLower(SHA256.HashData(json)[..16]));
    }
}

/// <summary>
/// The log of feedback: rows of the data file that are added and never changed. A unique index over user and operation
/// id, not a memory of recent ones, makes sure that an event is stored once.
/// </summary>
internal sealed class FeedbackStore(SqliteDatabase database, TimeProvider clock)
{
    private const string Columns = "SELECT position, received_at, schema, event, context FROM feedback ";
    private const int Schema = 1;

    /// <summary>Fingerprints of those of a user's operation ids that are stored.</summary>
    public Task<Dictionary<string, string>> FingerprintsAsync(string user, IReadOnlyCollection<string> operations) =>
        database.ReadAsync(session => operations
            .Distinct(StringComparer.Ordinal)
            .Select(operation => (operation, print: FingerprintOf(session, user, operation)))
            .Where(known => known.print is not null)
            .ToDictionary(known => known.operation, known => known.print!, StringComparer.Ordinal));

    /// <summary>
    /// Adds events in one transaction; for each, the fingerprint stored under its operation id, and whether it is new.
    /// </summary>
    public Task<(bool Added, string Fingerprint)[]> AppendAsync(IReadOnlyList<CheckedFeedback> events)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(session => events.Select(e => Append(session, e, now)).ToArray());
    }

    /// <summary>The next events after a position.</summary>
    public Task<List<StoredFeedback>> PageAsync(FeedbackFilter filter, long after, int limit) =>
        database.ReadAsync(session => session.Query(
            Columns + "WHERE position > $after AND ($user IS NULL OR user = $user) AND ($kind IS NULL OR kind = $kind) "
                + "AND ($preference IS NULL OR preference = $preference) ORDER BY position LIMIT $limit",
            Read,
            ("$after", after),
            ("$user", filter.User),
            ("$kind", filter.Kind),
            ("$preference", filter.Preference),
            ("$limit", limit)));

    /// <summary>A user's events.</summary>
    public Task<StoredFeedback[]> ListAsync(string user) => database.ReadAsync(session => session.Query(
        Columns + "WHERE user = $user ORDER BY position", Read, ("$user", user)).ToArray());

    /// <summary>The next events about a preference that teach something, with what they are compared with.</summary>
    public Task<List<(StoredFeedback Event, List<StoredFeedback> Earlier)>> TeachingAsync(
        string? preference, long after, long through, int limit) => database.ReadAsync(session => session
        .Query(
            Columns + "WHERE preference = $preference AND position > $after AND position <= $through "
                + "ORDER BY position LIMIT $limit",
            Read,
            ("$preference", preference ?? ""),
            ("$after", after),
            ("$through", through),
            ("$limit", limit))
        .ConvertAll(stored => (stored, EarlierOf(session, stored.Event, stored.Texts(), stored.Position))));

    /// <summary>How many comparisons there are after a position; read from an index alone.</summary>
    public Task<ComparisonCount> ComparisonsAsync(string? preference, long after) => database.ReadAsync(session => session
        .Query(
            "SELECT TOTAL(comparisons), MAX(position) FROM feedback WHERE preference = $preference AND position > $after",
            row => new ComparisonCount((long)row.GetDouble(0), row.IsDBNull(1) ? after : row.GetInt64(1)),
            ("$preference", preference ?? ""),
            ("$after", after))[0]);

    /// <summary>How much there is after a position, by preference and kind.</summary>
    public Task<FeedbackCount[]> CountAsync(long after) => database.ReadAsync(session => session
        .Query(
            "SELECT preference, kind, COUNT(*), SUM(comparisons), MAX(position) FROM feedback WHERE position > $after "
                + "GROUP BY preference, kind ORDER BY preference, kind",
            row => new FeedbackCount(
                row.GetString(0) is { Length: > 0 } preference ? preference : null,
                row.GetString(1),
                row.GetInt64(2),
                row.GetInt64(3),
                row.GetInt64(4)),
            ("$after", after))
        .ToArray());

    /// <summary>Deletes a user's events and interactions.</summary>
    public Task ForgetAsync(string user) => database.WriteAsync(session =>
        session.Execute("DELETE FROM feedback WHERE user = $user", ("$user", user))
        + session.Execute("DELETE FROM interaction WHERE user = $user", ("$user", user)));

    private static (bool Added, string Fingerprint) Append(SqliteSession session, CheckedFeedback checkedEvent, long now)
    {
        var feedback = checkedEvent.Event;
        var stored = new StoredFeedback(long.MaxValue, default, feedback, checkedEvent.Context);
        var texts = stored.Texts();
        var added = session.Execute(
            "INSERT OR IGNORE INTO feedback "
                + "(user, operation, fingerprint, kind, preference, topic, comparisons, received_at, schema, event, context) "
                + "VALUES ($user, $operation, $fingerprint, $kind, $preference, $topic, $comparisons, $now, $schema, "
                + "$event, $context)",
            ("$user", feedback.User),
            ("$operation", feedback.OperationId),
            ("$fingerprint", checkedEvent.Fingerprint),
            ("$kind", feedback.Kind),
            ("$preference", feedback.Preference ?? ""),
            ("$topic", FeedbackComparisons.TopicOf(feedback, texts)),
            ("$comparisons", FeedbackComparisons
                .Of(stored, EarlierOf(session, feedback, texts, long.MaxValue)).LongCount()),
            ("$now", now),
            ("$schema", Schema),
            ("$event", checkedEvent.Json),
            ("$context", checkedEvent.Context is { } context
                ? JsonSerializer.Serialize(context, FeedbackJson.Options)
                : null)) == 1;
        return (added, added
            ? checkedEvent.Fingerprint
            : FingerprintOf(session, feedback.User, feedback.OperationId)!);
    }

    private static string? FingerprintOf(SqliteSession session, string user, string operation) => session
        .Query(
            "SELECT fingerprint FROM feedback WHERE user = $user AND operation = $operation",
            row => row.GetString(0),
            ("$user", user),
            ("$operation", operation))
        .FirstOrDefault();

    private static List<StoredFeedback> EarlierOf(
        SqliteSession session, FeedbackEvent feedback, FeedbackContext texts, long before) =>
        FeedbackComparisons.TopicOf(feedback, texts) is { } topic
            ? session.Query(
                Columns + "WHERE topic = $topic AND position < $before ORDER BY position DESC LIMIT $most",
                Read,
                ("$topic", topic),
                ("$before", before),
                ("$most", FeedbackComparisons.MostPartners))
            : [];

    private static StoredFeedback Read(SqliteDataReader row)
    {
        var position = row.GetInt64(0);
        if (row.GetInt32(2) > Schema)
        {
            throw new InvalidDataException(
                $"Feedback {position} was stored with schema {row.GetInt32(2)}; this program knows up to {Schema}.");
        }

        return new StoredFeedback(
            position,
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)),
            Parse<FeedbackEvent>(row.GetString(3)),
            row.IsDBNull(4) ? null : Parse<FeedbackContext>(row.GetString(4)));

        T Parse<T>(string json) => JsonSerializer.Deserialize<T>(json, FeedbackJson.Options)
            ?? throw new InvalidDataException($"Feedback {position} is stored as null.");
    }
}
