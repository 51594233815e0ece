using Microsoft.Data.Sqlite;
using SoupsActors.Feedback;
using SoupsActors.Grains.Storage;
using SoupsActors.Learning.Data;

namespace SoupsActors.Grains.Feedback;

/// <summary>The log of feedback as rows of the data file. A unique index over user and operation id, not a memory of
/// recent ones, makes sure that an event is stored once.</summary>
internal sealed class SqliteFeedbackStore(SqliteDatabase database, TimeProvider clock) : IFeedbackStore
{
    private const string Columns = "SELECT position, received_at, schema, event, context FROM feedback ";
    private const int PrunedAtOnce = 1000;

    /// <inheritdoc/>
    public Task<Dictionary<string, string>> FingerprintsAsync(string user, IReadOnlyCollection<string> operations) =>
        database.ReadAsync(session => operations
            .Distinct(StringComparer.Ordinal)
            .Select(operation => (operation, print: FingerprintOf(session, user, operation)))
            .Where(known => known.print is not null)
            .ToDictionary(known => known.operation, known => known.print!, StringComparer.Ordinal));

    /// <inheritdoc/>
    public Task<(bool Added, string Fingerprint)[]> AppendAsync(IReadOnlyList<CheckedFeedback> events)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(session => events.Select(e => Append(session, e, now)).ToArray());
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public Task<StoredFeedback[]> ListAsync(string user) => database.ReadAsync(session => session.Query(
        Columns + "WHERE user = $user ORDER BY position", Read, ("$user", user)).ToArray());

    /// <inheritdoc/>
    public Task<StoredFeedback[]> NewestAsync(string user, FeedbackFilter filter, int limit) =>
        database.ReadAsync(session => session.Query(
            Columns + "WHERE user = $user AND ($kind IS NULL OR kind = $kind) "
                + "AND ($preference IS NULL OR preference = $preference) ORDER BY position DESC LIMIT $limit",
            Read,
            ("$user", user),
            ("$kind", filter.Kind),
            ("$preference", filter.Preference),
            ("$limit", limit)).ToArray());

    /// <inheritdoc/>
    public Task<long> CountOfAsync(string user) => database.ReadAsync(session => session.Query(
        "SELECT COUNT(*) FROM feedback WHERE user = $user", row => row.GetInt64(0), ("$user", user))[0]);

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public Task<ComparisonCount> ComparisonsAsync(string? preference, long after) => database.ReadAsync(session => session
        .Query(
            "SELECT TOTAL(comparisons), MAX(position) FROM feedback WHERE preference = $preference AND position > $after",
            row => new ComparisonCount((long)row.GetDouble(0), row.IsDBNull(1) ? after : row.GetInt64(1)),
            ("$preference", preference ?? ""),
            ("$after", after))[0]);

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public Task ForgetAsync(string user) => database.WriteAsync(session =>
        session.Execute("DELETE FROM feedback WHERE user = $user", ("$user", user))
        + session.Execute("DELETE FROM interaction WHERE user = $user", ("$user", user)));

    /// <inheritdoc/>
    public async Task<(int Deleted, bool More)> PruneAsync(DateTimeOffset before)
    {
        // Positions grow with time, so that only the oldest ones need to be looked at.
        var deleted = await database.WriteAsync(session => session.Execute(
            "DELETE FROM feedback WHERE position IN (SELECT position FROM "
                + "(SELECT position, received_at FROM feedback ORDER BY position LIMIT $most) WHERE received_at < $before)",
            ("$most", PrunedAtOnce),
            ("$before", before.ToUnixTimeMilliseconds())));
        return (deleted, deleted == PrunedAtOnce);
    }

    private static (bool Added, string Fingerprint) Append(SqliteSession session, CheckedFeedback checkedEvent, long now)
    {
        var feedback = checkedEvent.Event;
        var row = FeedbackRow.Of(
            checkedEvent, EarlierOf(session, feedback, checkedEvent.Texts, long.MaxValue));
        var added = session.Execute(
            "INSERT OR IGNORE INTO feedback "
                + "(user, operation, fingerprint, kind, preference, topic, comparisons, received_at, schema, event, context) "
                + "VALUES ($user, $operation, $fingerprint, $kind, $preference, $topic, $comparisons, $now, $schema, "
                + "$event, $context)",
            ("$user", feedback.User),
            ("$operation", feedback.OperationId),
            ("$fingerprint", checkedEvent.Fingerprint),
            ("$kind", feedback.Kind),
            ("$preference", row.Preference),
            ("$topic", row.Topic),
            ("$comparisons", row.Comparisons),
            ("$now", now),
            ("$schema", FeedbackRow.Schema),
            ("$event", checkedEvent.Json),
            ("$context", row.Context)) == 1;
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

    private static StoredFeedback Read(SqliteDataReader row) => FeedbackRow.Read(
        row.GetInt64(0),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)),
        row.GetInt32(2),
        row.GetString(3),
        row.IsDBNull(4) ? null : row.GetString(4));
}
