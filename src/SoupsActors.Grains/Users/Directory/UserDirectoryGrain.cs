using Orleans.Concurrency;
using SoupsActors.Grains.Placement;
using SoupsActors.Users;

namespace SoupsActors.Grains.Users.Directory;

/// <inheritdoc cref="IUserDirectoryGrain"/>
[Reentrant]
[RolePlacement(SiloRoles.Gateway, required: false)]
internal sealed class UserDirectoryGrain(
    IEnumerable<IStoredUsers> stores, IEnumerable<IStoredProfiles> profiles, TimeProvider clock)
    : Grain, IUserDirectoryGrain
{
    /// <summary>Enough that a share is known to half a per cent.</summary>
    private const int SampleSize = 20_000;

    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);

    private Task<MixCensus>? census;

    public async Task<UserPage> Find(string prefix, string? after, int limit)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (limit is < 1 or > IUserDirectoryGrain.MaxPage)
        {
            throw SoupsException.Invalid(
                $"`limit` is 1 to {IUserDirectoryGrain.MaxPage}.", "out_of_range", "limit");
        }

        var range = new UserRange(prefix, after ?? "");
        var pages = await Task.WhenAll(stores.Select(store => store.PageAsync(range, limit + 1)));
        string[] found =
        [
            .. pages.SelectMany(page => page).Distinct(StringComparer.Ordinal)
                .Order(Utf8Order.Instance).Take(limit + 1),
        ];
        return new UserPage(found.Length > limit ? found[..limit] : found, found.Length > limit);
    }

    // Callers at the same time share one count; a failed one is not kept.
    public async Task<MixCensus> Census()
    {
        var isUnderWay = census is { IsCompleted: false };
        var isFresh = census is { IsCompletedSuccessfully: true, Result.At: var at }
            && clock.GetUtcNow() - at < Freshness;
        return await (isUnderWay || isFresh ? census! : census = CountAsync());
    }

    private async Task<MixCensus> CountAsync()
    {
        if (profiles.FirstOrDefault() is not { } stored)
            return new MixCensus(0, 0, 0, [], [], clock.GetUtcNow());
        var (count, sample) = await stored.SampleAsync(SampleSize);
        return await Task.Run(() => CensusTaking.Take(count, [.. sample.Select(s => s.Profile)], clock.GetUtcNow()));
    }
}
