using System.Globalization;
using Orleans.Runtime;
using SoupsActors.Grains.Users;
using SoupsActors.Grains.Users.Directory;

namespace SoupsActors.Grains.Storage.PostgreSql;

/// <summary>Users whose profile or conversation is a row of grain state; the table's primary key is the index.</summary>
internal sealed class PostgreSqlStoredProfiles(PostgreSqlDatabase database) : IStoredUsers, IStoredProfiles
{
    private const string Profiles =
        "FROM soups_grain_state WHERE grain_id >= $1 AND grain_id < $2 AND state_name = 'profile'";

    private static readonly string Key = GrainId.Create("user", "x").ToString()[..^1];

    public async Task<IReadOnlyList<string>> PageAsync(UserRange range, int limit) => await database.RunAsync(
        connection => connection.QueryAsync(
            "SELECT DISTINCT grain_id FROM soups_grain_state "
                + "WHERE grain_id >= $1 AND grain_id > $2 AND grain_id < $3 ORDER BY grain_id LIMIT $4",
            row => row.GetString(0)[Key.Length..],
            Key + range.Prefix,
            Key + range.After,
            Key + range.Until,
            limit));

    // Tags are random, so that those below a bound are a fair sample whatever the ids look like.
    public Task<(long Count, IReadOnlyList<UserState> Sample)> SampleAsync(int size) => database.RunAsync(async connection =>
    {
        var (from, until) = (Key, Key + default(UserRange).Until);
        var count = (await connection.QueryAsync("SELECT count(*) " + Profiles, row => row.GetInt64(0), from, until))[0];
        var bound = count <= size
            ? "g"
            : ((uint)(uint.MaxValue * ((double)size / count))).ToString("x8", CultureInfo.InvariantCulture);
        var sample = await connection.QueryAsync(
            "SELECT json::text, schema, grain_id " + Profiles + " AND etag < $3",
            row => StateJson.Read<UserState>(row.GetString(0), row.GetInt32(1), $"State 'profile' of {row.GetString(2)}"),
            from,
            until,
            bound);
        return (count, (IReadOnlyList<UserState>)sample);
    });
}

/// <summary>Users of whom answers or feedback are kept; a page costs one step in an index for each id.</summary>
internal sealed class PostgreSqlStoredAnswers(PostgreSqlDatabase database) : IStoredUsers
{
    public async Task<IReadOnlyList<string>> PageAsync(UserRange range, int limit)
    {
        var found = await database.RunAsync(connection => connection.QueryAsync(
            $"({Page("soups_interaction")}) UNION ({Page("soups_feedback")})",
            row => row.GetString(0),
            range.Prefix,
            range.After,
            range.Until,
            limit));
        return [.. found.Order(Utf8Order.Instance).Take(limit)];
    }

    // From each id to the next one by the index, past all rows of one user at once.
    private static string Page(string table) =>
        "WITH RECURSIVE found (id) AS ("
            + $"SELECT (SELECT min(user_id) FROM {table} WHERE user_id >= $1 AND user_id > $2 AND user_id < $3) UNION ALL "
            + $"SELECT (SELECT min(user_id) FROM {table} WHERE user_id > found.id AND user_id < $3) FROM found "
            + "WHERE found.id IS NOT NULL) SELECT id FROM found WHERE id IS NOT NULL LIMIT $4";
}
