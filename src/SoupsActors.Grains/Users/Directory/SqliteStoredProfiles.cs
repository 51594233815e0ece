using System.Globalization;
using Orleans.Runtime;
using SoupsActors.Grains.Storage;

namespace SoupsActors.Grains.Users.Directory;

/// <summary>Users with a profile or a conversation in grain state; the table's primary key is the index.</summary>
internal sealed class SqliteStoredProfiles(SqliteDatabase database) : IStoredUsers, IStoredProfiles
{
    private const string Profiles =
        "FROM grain_state WHERE grain_id >= $from AND grain_id < $until AND state_name = 'profile'";

    private static readonly string Key = GrainId.Create("user", "x").ToString()[..^1];

    public Task<IReadOnlyList<string>> PageAsync(UserRange range, int limit) =>
        database.ReadAsync<IReadOnlyList<string>>(session => session.Query(
            "SELECT DISTINCT grain_id FROM grain_state "
                + "WHERE grain_id >= $from AND grain_id > $after AND grain_id < $until ORDER BY grain_id LIMIT $limit",
            row => row.GetString(0)[Key.Length..],
            ("$from", Key + range.Prefix),
            ("$after", Key + range.After),
            ("$until", Key + range.Until),
            ("$limit", limit)));

    // Tags are random, so that those below a bound are a fair sample whatever the ids look like.
    public Task<(long Count, IReadOnlyList<UserState> Sample)> SampleAsync(int size) => database.ReadAsync(session =>
    {
        var (from, until) = (Key, Key + default(UserRange).Until);
        var count = session.Query(
            "SELECT COUNT(*) " + Profiles, row => row.GetInt64(0), ("$from", from), ("$until", until))[0];
        var bound = count <= size
            ? "g"
            : ((uint)(uint.MaxValue * ((double)size / count))).ToString("x8", CultureInfo.InvariantCulture);
        var sample = session.Query(
            "SELECT json, schema, grain_id " + Profiles + " AND etag < $bound",
            row => StateJson.Read<UserState>(
                row.GetString(0), row.GetInt32(1), $"State 'profile' of {row.GetString(2)}"),
            ("$from", from),
            ("$until", until),
            ("$bound", bound));
        return (count, (IReadOnlyList<UserState>)sample);
    });
}
