using SoupsActors.Grains.Users.Directory;
using SoupsActors.Users;

namespace SoupsActors.Grains.Tests.Users.Directory;

public sealed class CensusTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void weights_are_counted_by_name_and_range()
    {
        var census = CensusTaking.Take(
            7, [Mix(("P1A", 1)), Mix(("P1A", 1.1), ("P2B", -0.5)), Mix(("P1A", 99), ("P2B", 0)), Mix()], Now);
        Assert.Equal((7, 4, 1), (census.Profiles, census.Sampled, census.Base));
        Assert.Equal(["P1A", "P2B"], census.Names.Select(n => n.Name));
        var first = census.Names[0];
        Assert.Equal(3, first.Users);
        Assert.Equal(2, first.Bins[12]);
        Assert.Equal(1, first.Bins[^1]);
        Assert.Equal(first.Users, first.Bins.Sum());
        Assert.Equal(-0.5, census.Names[1].Mean);
        Assert.Equal(1, census.Names[1].Bins[6]);
    }

    [Fact]
    public void cohorts_are_users_who_want_the_same_however_strongly()
    {
        var census = CensusTaking.Take(
            4, [Mix(("P2B", 0.1), ("P1A", 1)), Mix(("P1A", 2), ("P2B", 1)), Mix(("P1A", -1)), Mix()], Now);
        Assert.Equal(["P1A+P2B", "", "−P1A"], census.Cohorts.Select(c => string.Join('+', c.Names)));
        Assert.Equal([2, 1, 1], census.Cohorts.Select(c => c.Users));
    }

    [Fact]
    public void many_names_and_combinations_stay_bounded()
    {
        var census = CensusTaking.Take(200, [.. Enumerable.Range(0, 200).Select(i => Mix(($"expert-{i}", 1)))], Now);
        Assert.Equal((64, 16), (census.Names.Length, census.Cohorts.Length));
    }

    private static SoupProfile Mix(params (string Name, double Weight)[] mix) =>
        new() { Mix = mix.ToDictionary(m => m.Name, m => m.Weight) };
}
