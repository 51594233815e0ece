using SoupsActors.Dashboard.Data.Mixes;
using SoupsActors.Preferences;
using SoupsActors.Users;

namespace SoupsActors.Dashboard.Data.Users;

/// <summary>A user in a list.</summary>
/// <param name="Id">The user's id.</param>
/// <param name="Profile">The profile.</param>
public sealed record UserRow(string Id, VersionedProfile Profile);

/// <summary>A page of users.</summary>
/// <param name="Rows">Users in the order of their ids.</param>
/// <param name="HasMore">Whether others follow.</param>
/// <param name="Dimensions">The catalogue, to name what mixes hold.</param>
public sealed record UserListing(IReadOnlyList<UserRow> Rows, bool HasMore, IReadOnlyList<MixDimension> Dimensions);

/// <summary>Finds users.</summary>
public sealed class UserBrowser(IGrainFactory grains)
{
    /// <summary>Users on one page.</summary>
    public const int PageSize = 25;

    /// <summary>A page of those whose ids begin with a text.</summary>
    public async Task<UserListing> FindAsync(string prefix, string? after)
    {
        var page = await grains.GetGrain<IUserDirectoryGrain>(0).Find(prefix, after, PageSize);
        var preferences = grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).List();
        var profiles = await Task.WhenAll(page.Users.Select(id => grains.GetGrain<IUserGrain>(id).GetProfile()));
        return new UserListing(
            [.. page.Users.Zip(profiles, (id, profile) => new UserRow(id, profile))],
            page.HasMore,
            MixDimension.Of(await preferences));
    }
}
