using Npgsql;
using SoupsActors.Feedback;
using SoupsActors.Grains.Feedback;

namespace SoupsActors.Grains.Storage.PostgreSql;

/// <summary>
/// One transaction that appends events: it takes the next positions, which makes the appends of other silos wait until
/// its end; reads what the events meet; and adds those that are new.
/// </summary>
internal sealed class FeedbackAppending(TimeProvider clock)
{
    public async Task<IReadOnlyList<(bool Added, string Fingerprint)[]>> CommitAsync(
        NpgsqlConnection connection, IReadOnlyList<IReadOnlyList<CheckedFeedback>> appends)
    {
        CheckedFeedback[] events = [.. appends.SelectMany(list => list)];
        TopicKey?[] keys = [.. events.Select(e => KeyOf(e, long.MaxValue))];
        await using var transaction = await connection.BeginTransactionAsync();
        var head = await TakePositionsAsync(connection, events.Length);
        var known = await FingerprintsAsync(connection, events);
        var earlier = await EarlierAsync(connection, keys);
        var results = new (bool Added, string Fingerprint)[events.Length];
        var added = new List<(long Position, CheckedFeedback Event, FeedbackRow Row)>();
        for (var i = 0; i < events.Length; i++)
        {
            var (position, feedback) = (head - events.Length + 1 + i, events[i]);
            var isNew = known.TryAdd((feedback.Event.User, feedback.Event.OperationId), feedback.Fingerprint);
            results[i] = (isNew, known[(feedback.Event.User, feedback.Event.OperationId)]);
            if (!isNew)
                continue;
            var before = keys[i] is { } key ? earlier[key] : [];
            added.Add((position, feedback, FeedbackRow.Of(feedback, before)));
            before.Insert(0, new StoredFeedback(position, default, feedback.Event, feedback.Context));
            if (before.Count > FeedbackComparisons.MostPartners)
                before.RemoveAt(before.Count - 1);
        }

        if (added.Count > 0)
        {
            await InsertAsync(connection, added);
            await transaction.CommitAsync();
        }

        var next = 0;
        return [.. appends.Select(list => results[next..(next += list.Count)])];
    }

    /// <summary>What an event's comparisons are looked for under; null where there are none.</summary>
    public static TopicKey? KeyOf(StoredFeedback stored) =>
        KeyOf(new CheckedFeedback(stored.Event, "", "", stored.Context), stored.Position);

    /// <summary>For each key the events of its topic before its position, newest first.</summary>
    public static async Task<Dictionary<TopicKey, List<StoredFeedback>>> EarlierAsync(
        NpgsqlConnection connection, IEnumerable<TopicKey?> keys)
    {
        TopicKey[] wanted = [.. keys.OfType<TopicKey>().Distinct()];
        var found = wanted.ToDictionary(key => key, _ => new List<StoredFeedback>());
        if (wanted.Length == 0)
            return found;
        var rows = await connection.QueryAsync(
            "SELECT e.position, e.received_at, e.schema, e.event::text, e.context::text, k.i "
                + "FROM unnest($1, $2, $3) WITH ORDINALITY AS k (user_id, topic, before, i) CROSS JOIN LATERAL "
                + "(SELECT * FROM soups_feedback f WHERE f.user_id = k.user_id AND f.topic = k.topic "
                + "AND f.position < k.before ORDER BY f.position DESC LIMIT $4) AS e ORDER BY k.i, e.position DESC",
            row => (Key: wanted[row.GetInt64(5) - 1], Event: PostgreSqlFeedbackStore.Read(row)),
            wanted.Select(key => key.User).ToArray(),
            wanted.Select(key => key.Topic).ToArray(),
            wanted.Select(key => key.Before).ToArray(),
            FeedbackComparisons.MostPartners);
        foreach (var (key, stored) in rows)
            found[key].Add(stored);
        return found;
    }

    private static TopicKey? KeyOf(CheckedFeedback feedback, long before) =>
        FeedbackComparisons.TopicOf(feedback.Event, feedback.Texts) is { } topic
            ? new TopicKey(feedback.Event.User, topic, before)
            : null;

    private static async Task<long> TakePositionsAsync(NpgsqlConnection connection, int count) => (await connection
        .QueryAsync(
            "UPDATE soups_feedback_head SET position = position + $1 RETURNING position", row => row.GetInt64(0), count))[0];

    private static async Task<Dictionary<(string User, string Operation), string>> FingerprintsAsync(
        NpgsqlConnection connection, CheckedFeedback[] events)
    {
        var rows = await connection.QueryAsync(
            "SELECT f.user_id, f.operation, f.fingerprint FROM (SELECT DISTINCT * FROM unnest($1, $2)) "
                + "AS w (user_id, operation) JOIN soups_feedback f USING (user_id, operation)",
            row => (Key: (row.GetString(0), row.GetString(1)), Fingerprint: row.GetString(2)),
            events.Select(e => e.Event.User).ToArray(),
            events.Select(e => e.Event.OperationId).ToArray());
        return rows.ToDictionary(row => row.Key, row => row.Fingerprint);
    }

    private Task<int> InsertAsync(
        NpgsqlConnection connection, List<(long Position, CheckedFeedback Event, FeedbackRow Row)> added) =>
        connection.ExecuteAsync(
            "INSERT INTO soups_feedback (position, user_id, operation, fingerprint, kind, preference, topic, comparisons, "
                + "received_at, schema, event, context) "
                + $"SELECT p, u, o, f, k, r, t, c, $9, {FeedbackRow.Schema}, e, x "
                + "FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $10, $11) AS w (p, u, o, f, k, r, t, c, e, x)",
            added.Select(a => a.Position).ToArray(),
            added.Select(a => a.Event.Event.User).ToArray(),
            added.Select(a => a.Event.Event.OperationId).ToArray(),
            added.Select(a => a.Event.Fingerprint).ToArray(),
            added.Select(a => a.Event.Event.Kind).ToArray(),
            added.Select(a => a.Row.Preference).ToArray(),
            added.Select(a => a.Row.Topic).ToArray(),
            added.Select(a => a.Row.Comparisons).ToArray(),
            DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds()).UtcDateTime,
            PostgreSqlCommands.Json(added.Select(a => a.Event.Json)),
            PostgreSqlCommands.Json(added.Select(a => a.Row.Context)));

    /// <summary>A user's topic up to a position.</summary>
    internal sealed record TopicKey(string User, string Topic, long Before);
}
