using Orleans.Concurrency;

namespace SoupsActors.Users;

/// <summary>Some of the users about whom something is stored, in the order of their ids.</summary>
/// <param name="Users">Ids.</param>
/// <param name="HasMore">Whether there are further ones after the last.</param>
[GenerateSerializer, Immutable]
public sealed record UserPage([property: Id(0)] string[] Users, [property: Id(1)] bool HasMore);

/// <summary>
/// Finds users and describes all of them together. It owns nothing: the rows that are stored about users are its index,
/// so that it is never behind, and who is forgotten is gone from it. The key, any small number, only spreads the load.
/// </summary>
public interface IUserDirectoryGrain : IGrainWithIntegerKey
{
    /// <summary>Largest page.</summary>
    const int MaxPage = 200;

    /// <summary>Users whose ids begin with a text.</summary>
    /// <param name="prefix">The text; an empty one finds all.</param>
    /// <param name="after">Only ids after this one in the order of their UTF-8 bytes; null begins at the first.</param>
    /// <param name="limit">Most ids, 1 to <see cref="MaxPage"/>.</param>
    /// <exception cref="SoupsException">The limit is out of range.</exception>
    [AlwaysInterleave]
    Task<UserPage> Find(string prefix, string? after, int limit);

    /// <summary>How the mixes of all users are distributed; at most a minute old.</summary>
    [AlwaysInterleave]
    Task<MixCensus> Census();
}
