namespace SoupsActors.Users;

/// <summary>How the mixes of all users are distributed. It names no user.</summary>
/// <param name="Profiles">Users with a profile of their own.</param>
/// <param name="Sampled">Profiles that were looked at: all, or a random sample of them.</param>
/// <param name="Base">Of these, how many have an empty mix: the base model answers them.</param>
/// <param name="Names">Each preference or expert that mixes name, by falling number of users; at most 64.</param>
/// <param name="Cohorts">The most frequent combinations; at most 16.</param>
/// <param name="At">When it was counted.</param>
[GenerateSerializer, Immutable]
public sealed record MixCensus(
    [property: Id(0)] long Profiles,
    [property: Id(1)] int Sampled,
    [property: Id(2)] int Base,
    [property: Id(3)] MixShare[] Names,
    [property: Id(4)] MixCohort[] Cohorts,
    [property: Id(5)] DateTimeOffset At);

/// <summary>How one name of mixes is weighted.</summary>
/// <param name="Name">A preference or an expert.</param>
/// <param name="Users">Sampled users whose mix gives it a weight other than 0.</param>
/// <param name="Mean">Mean weight among them.</param>
/// <param name="Bins">
/// How many of them have a weight in each of <see cref="BinCount"/> ranges of equal width from <see cref="Lowest"/> to
/// <see cref="Highest"/>; the outer ranges hold what lies beyond too.
/// </param>
[GenerateSerializer, Immutable]
public sealed record MixShare(
    [property: Id(0)] string Name,
    [property: Id(1)] int Users,
    [property: Id(2)] double Mean,
    [property: Id(3)] int[] Bins)
{
    /// <summary>Number of ranges.</summary>
    public const int BinCount = 16;

    /// <summary>Where the first range begins.</summary>
    public const double Lowest = -2;

    /// <summary>Where the last range ends.</summary>
    public const double Highest = 2;
}

/// <summary>Users who want the same things, however strongly.</summary>
/// <param name="Names">The names with positive weights, sorted; a leading <c>−</c> marks negative ones.</param>
/// <param name="Users">Sampled users.</param>
[GenerateSerializer, Immutable]
public sealed record MixCohort([property: Id(0)] string[] Names, [property: Id(1)] int Users);
