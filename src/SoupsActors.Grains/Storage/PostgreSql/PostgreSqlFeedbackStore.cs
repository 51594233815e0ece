using System.Data.Common;
using SoupsActors.Feedback;
using SoupsActors.Grains.Feedback;
using SoupsActors.Learning.Data;

namespace SoupsActors.Grains.Storage.PostgreSql;

/// <summary>The log of feedback as a table of PostgreSQL, partitioned by user.</summary>
internal sealed class PostgreSqlFeedbackStore : IFeedbackStore
{
    private const string Columns = "SELECT position, received_at, schema, event::text, context::text FROM soups_feedback ";
    private const int LargestBatch = 64;
    private const int PrunedAtOnce = 1000;

    private readonly PostgreSqlDatabase database;
    private readonly WriteQueue<IReadOnlyList<CheckedFeedback>, (bool Added, string Fingerprint)[]> appends;

    public PostgreSqlFeedbackStore(PostgreSqlDatabase database, TimeProvider clock)
    {
        this.database = database;
        var appending = new FeedbackAppending(clock);

        // One lane: appends of all silos take turns anyway, so that positions become visible in their order.
        appends = new(lanes: 1, LargestBatch, items => database.RunAsync(c => appending.CommitAsync(c, items)));
    }

    public async Task<Dictionary<string, string>> FingerprintsAsync(string user, IReadOnlyCollection<string> operations)
    {
        var known = await database.RunAsync(connection => connection.QueryAsync(
            "SELECT operation, fingerprint FROM soups_feedback WHERE user_id = $1 AND operation = ANY($2)",
            row => (Operation: row.GetString(0), Fingerprint: row.GetString(1)),
            user,
            operations.ToArray()));
        return known.ToDictionary(k => k.Operation, k => k.Fingerprint, StringComparer.Ordinal);
    }

    public Task<(bool Added, string Fingerprint)[]> AppendAsync(IReadOnlyList<CheckedFeedback> events) =>
        appends.AddAsync(events);

    public Task<List<StoredFeedback>> PageAsync(FeedbackFilter filter, long after, int limit) => database.RunAsync(
        connection => connection.QueryAsync(
            Columns + "WHERE position > $1 AND ($2::text IS NULL OR user_id = $2) AND ($3::text IS NULL OR kind = $3) "
                + "AND ($4::text IS NULL OR preference = $4) ORDER BY position LIMIT $5",
            Read,
            after,
            filter.User,
            filter.Kind,
            filter.Preference,
            limit));

    public async Task<StoredFeedback[]> ListAsync(string user) => [.. await database.RunAsync(
        connection => connection.QueryAsync(Columns + "WHERE user_id = $1 ORDER BY position", Read, user))];

    public async Task<StoredFeedback[]> NewestAsync(string user, FeedbackFilter filter, int limit) =>
    [
        .. await database.RunAsync(connection => connection.QueryAsync(
            Columns + "WHERE user_id = $1 AND ($2::text IS NULL OR kind = $2) "
                + "AND ($3::text IS NULL OR preference = $3) ORDER BY position DESC LIMIT $4",
            Read,
            user,
            filter.Kind,
            filter.Preference,
            limit)),
    ];

    public async Task<long> CountOfAsync(string user) => (await database.RunAsync(connection => connection.QueryAsync(
        "SELECT count(*) FROM soups_feedback WHERE user_id = $1", row => row.GetInt64(0), user)))[0];

    public Task<List<(StoredFeedback Event, List<StoredFeedback> Earlier)>> TeachingAsync(
        string? preference, long after, long through, int limit) => database.RunAsync(async connection =>
    {
        var page = await connection.QueryAsync(
            Columns + "WHERE preference = $1 AND position > $2 AND position <= $3 ORDER BY position LIMIT $4",
            Read,
            preference ?? "",
            after,
            through,
            limit);
        var keys = page.Select(stored => FeedbackAppending.KeyOf(stored)).ToArray();
        var earlier = await FeedbackAppending.EarlierAsync(connection, keys);
        return page.Zip(keys, (stored, key) => (stored, key is null ? [] : earlier[key])).ToList();
    });

    public async Task<ComparisonCount> ComparisonsAsync(string? preference, long after) => (await database.RunAsync(
        connection => connection.QueryAsync(
            "SELECT coalesce(sum(comparisons), 0), coalesce(max(position), $2) FROM soups_feedback "
                + "WHERE preference = $1 AND position > $2",
            row => new ComparisonCount(row.GetInt64(0), row.GetInt64(1)),
            preference ?? "",
            after)))[0];

    public async Task<FeedbackCount[]> CountAsync(long after) => [.. await database.RunAsync(
        connection => connection.QueryAsync(
            "SELECT preference, kind, count(*), sum(comparisons), max(position) FROM soups_feedback WHERE position > $1 "
                + "GROUP BY preference, kind ORDER BY preference, kind",
            row => new FeedbackCount(
                row.GetString(0) is { Length: > 0 } preference ? preference : null,
                row.GetString(1),
                row.GetInt64(2),
                row.GetInt64(3),
                row.GetInt64(4)),
            after))];

    public Task ForgetAsync(string user) => database.RunAsync(async connection =>
    {
        await using var batch = connection.CreateBatch();
        batch.Then("DELETE FROM soups_feedback WHERE user_id = $1", user)
            .Then("DELETE FROM soups_interaction WHERE user_id = $1", user);
        return await batch.ExecuteNonQueryAsync();
    });

    public async Task<(int Deleted, bool More)> PruneAsync(DateTimeOffset before)
    {
        // Positions grow with time, so that only the oldest ones need to be looked at.
        var deleted = await database.RunAsync(connection => connection.ExecuteAsync(
            "DELETE FROM soups_feedback f USING (SELECT user_id, operation, received_at FROM soups_feedback "
                + "ORDER BY position LIMIT $1) AS oldest "
                + "WHERE f.user_id = oldest.user_id AND f.operation = oldest.operation AND oldest.received_at < $2",
            PrunedAtOnce,
            before.UtcDateTime));
        return (deleted, deleted == PrunedAtOnce);
    }

    internal static StoredFeedback Read(DbDataReader row) => FeedbackRow.Read(
        row.GetInt64(0),
        new DateTimeOffset(row.GetDateTime(1)),
        row.GetInt32(2),
        row.GetString(3),
        row.IsDBNull(4) ? null : row.GetString(4));
}
