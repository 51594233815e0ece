using System.Globalization;
using SoupsActors.Silo.Http;
using SoupsActors.Users;

namespace SoupsActors.Silo.Api.Users;

/// <summary>GET /v1/users and /v1/cohorts: all users, and what they want together.</summary>
internal static class UserDirectoryEndpoints
{
    private const int DefaultLimit = 50;

    public static void MapUserDirectory(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").WithAccess(AccessPolicy.Key).WithTags("Users");
        group.MapGet("/users", ListAsync)
            .WithSummary("Users about whom something is stored, by id; `prefix` filters, `after` and `limit` page.")
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest);
        group.MapGet("/cohorts", async (IGrainFactory grains) => CensusBody.From(await Directory(grains).Census()))
            .WithSummary("How the mixes of all users are distributed, from all or a random sample; names no user.");
    }

    private static async Task<UserListBody> ListAsync(
        IGrainFactory grains, string? prefix = null, string? after = null, string? limit = null)
    {
        var most = DefaultLimit;
        if (limit is not null && !int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out most))
        {
            throw ApiException.BadRequest(
                $"`limit` is a number from 1 to {IUserDirectoryGrain.MaxPage}.", "out_of_range", "limit");
        }

        var page = await Directory(grains).Find(prefix ?? "", after, most);
        return new UserListBody(
            [.. page.Users.Select(id => new UserBody(id))], page.HasMore, page.Users.LastOrDefault());
    }

    private static IUserDirectoryGrain Directory(IGrainFactory grains) => grains.GetGrain<IUserDirectoryGrain>(0);
}

/// <summary>A page of users.</summary>
internal sealed record UserListBody(UserBody[] Data, bool HasMore, string? LastId, string Object = "list");

/// <summary>A user by id.</summary>
internal sealed record UserBody(string Id, string Object = "user");

/// <summary>How mixes are distributed.</summary>
internal sealed record CensusBody(
    long Profiles,
    int Sampled,
    int Base,
    MixShare[] Names,
    MixCohort[] Cohorts,
    double Lowest,
    double Highest,
    DateTimeOffset At,
    string Object = "cohorts")
{
    public static CensusBody From(MixCensus census) => new(
        census.Profiles,
        census.Sampled,
        census.Base,
        census.Names,
        census.Cohorts,
        MixShare.Lowest,
        MixShare.Highest,
        census.At);
}
