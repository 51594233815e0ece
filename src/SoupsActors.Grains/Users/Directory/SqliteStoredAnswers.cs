using SoupsActors.Grains.Storage;

namespace SoupsActors.Grains.Users.Directory;

/// <summary>Users of whom answers or feedback are kept; a page costs one step in an index for each id.</summary>
internal sealed class SqliteStoredAnswers(SqliteDatabase database) : IStoredUsers
{
    private const string Interactions = "interaction";
    private const string Feedback = "feedback";

    public Task<IReadOnlyList<string>> PageAsync(UserRange range, int limit) =>
        database.ReadAsync<IReadOnlyList<string>>(session =>
        [
            .. Page(session, Interactions, range, limit)
                .Union(Page(session, Feedback, range, limit), StringComparer.Ordinal)
                .Order(Utf8Order.Instance)
                .Take(limit),
        ]);

    // From each id to the next one by the index, past all rows of one user at once.
    private static List<string> Page(SqliteSession session, string table, UserRange range, int limit) => session.Query(
        "WITH RECURSIVE found (user) AS ("
            + $"SELECT (SELECT MIN(user) FROM {table} WHERE user >= $from AND user > $after AND user < $until) "
            + "UNION ALL "
            + $"SELECT (SELECT MIN(user) FROM {table} WHERE user > found.user AND user < $until) FROM found "
            + "WHERE found.user IS NOT NULL) SELECT user FROM found WHERE user IS NOT NULL LIMIT $limit",
        row => row.GetString(0),
        ("$from", range.Prefix),
        ("$after", range.After),
        ("$until", range.Until),
        ("$limit", limit));
}
