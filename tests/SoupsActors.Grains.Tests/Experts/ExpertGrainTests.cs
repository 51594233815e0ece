using SoupsActors.Grains.Experts;

namespace SoupsActors.Grains.Tests.Experts;

public sealed class ExpertGrainTests : IAsyncLifetime
{
    private readonly TestSilo silo = new();

    public ValueTask InitializeAsync() => silo.InitializeAsync();

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task an_expert_that_was_never_published_does_not_exist()
    {
        Assert.Null(await silo.Expert("nobody").Describe());
        Assert.Equal(
            SoupsError.NotFound,
            (await Assert.ThrowsAsync<SoupsException>(() => silo.Expert("nobody").Lease("l"))).Error);
    }

    [Fact]
    public async Task publishing_adds_a_version_and_lists_the_expert()
    {
        var expert = silo.Expert("new");
        await expert.Publish(TestSilo.Weights("a", "P1A"), TestSilo.Op());
        var second = await expert.Publish(TestSilo.Weights("b"), TestSilo.Op());
        Assert.Equal((2, "b", "P1A"), (second.Current.Number, second.Current.Hash, second.Preference));
        Assert.Equal([1, 2], second.Versions.Select(v => v.Number));
        Assert.Equal(["P1A", "full-expert", "new"], (await silo.Registry.List()).Select(e => e.Id));
    }

    [Fact]
    public async Task a_repeated_publication_is_applied_once()
    {
        var expert = silo.Expert("new");
        var operation = TestSilo.Op();
        await expert.Publish(TestSilo.Weights("a"), operation);
        await expert.Publish(TestSilo.Weights("b"), TestSilo.Op());
        var repeated = await expert.Publish(TestSilo.Weights("a"), operation);
        Assert.Equal(("b", 2), (repeated.Current.Hash, repeated.Versions.Length));
    }

    [Fact]
    public async Task weights_that_are_a_version_already_are_made_current_again()
    {
        var expert = silo.Expert("new");
        await expert.Publish(TestSilo.Weights("a"), TestSilo.Op());
        await expert.Publish(TestSilo.Weights("b"), TestSilo.Op());
        var again = await expert.Publish(TestSilo.Weights("a"), TestSilo.Op());
        Assert.Equal((1, 2), (again.Current.Number, again.Versions.Length));
    }

    [Fact]
    public async Task a_pin_holds_until_it_is_lifted()
    {
        var expert = silo.Expert("new");
        await expert.Publish(TestSilo.Weights("a"), TestSilo.Op());
        await expert.Pin(1, TestSilo.Op());
        var published = await expert.Publish(TestSilo.Weights("b"), TestSilo.Op());
        Assert.Equal((1, true), (published.Current.Number, published.Pinned));
        var unpinned = await expert.Unpin(TestSilo.Op());
        Assert.Equal((2, false), (unpinned.Current.Number, unpinned.Pinned));
        var error = await Assert.ThrowsAsync<SoupsException>(() => expert.Pin(9, TestSilo.Op()));
        Assert.Equal("unknown_version", error.Code);
    }

    [Fact]
    public async Task rolling_back_goes_one_version_back_and_stays()
    {
        var expert = silo.Expert("new");
        await expert.Publish(TestSilo.Weights("a"), TestSilo.Op());
        await expert.Publish(TestSilo.Weights("b"), TestSilo.Op());
        var back = await expert.Rollback(TestSilo.Op());
        Assert.Equal((1, true), (back.Current.Number, back.Pinned));
        Assert.Equal(
            "no_earlier_version",
            (await Assert.ThrowsAsync<SoupsException>(() => expert.Rollback(TestSilo.Op()))).Code);
    }

    [Fact]
    public async Task a_removed_expert_is_gone_and_its_numbers_are_not_used_again()
    {
        var expert = silo.Expert("new");
        await expert.Publish(TestSilo.Weights("a"), TestSilo.Op());
        var operation = TestSilo.Op();
        await expert.Remove(operation);
        await expert.Remove(operation);
        Assert.Null(await expert.Describe());
        Assert.DoesNotContain(await silo.Registry.List(), e => e.Id == "new");
        Assert.Equal(2, (await expert.Publish(TestSilo.Weights("a"), TestSilo.Op())).Current.Number);
    }

    [Fact]
    public async Task a_lease_asked_for_twice_is_one_lease()
    {
        var expert = silo.Expert("P1A");
        var first = await expert.Lease("request");
        await expert.Publish(TestSilo.Weights("newer"), TestSilo.Op());
        Assert.Equal(first, await expert.Lease("request"));
        var described = (await expert.Describe())!;
        Assert.Equal((1, 1L), (described.Leases, described.Hits));
        await expert.Release("request");
        await expert.Release("request");
        Assert.Equal(0, (await expert.Describe())!.Leases);
    }

    [Fact]
    public async Task a_lease_whose_holder_disappears_expires()
    {
        var expert = silo.Expert("P1A");
        var lease = await expert.Lease("request");
        Assert.Equal(silo.Clock.GetUtcNow() + ExpertGrain.LeaseDuration, lease.ExpiresAt);
        silo.Clock.Advance(ExpertGrain.LeaseDuration - TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await expert.Describe())!.Leases);
        silo.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, (await expert.Describe())!.Leases);
    }

    [Fact]
    public async Task old_versions_are_dropped_beyond_the_limit_but_never_the_current_one()
    {
        var expert = silo.Expert("new");
        await expert.Publish(TestSilo.Weights("pinned"), TestSilo.Op());
        await expert.Pin(1, TestSilo.Op());
        for (var i = 0; i < SoupsLimits.MaxExpertVersions + 5; i++)
            await expert.Publish(TestSilo.Weights($"v{i}"), TestSilo.Op());
        var described = (await expert.Describe())!;
        Assert.Equal(SoupsLimits.MaxExpertVersions, described.Versions.Length);
        Assert.Equal("pinned", described.Current.Hash);
    }
}
