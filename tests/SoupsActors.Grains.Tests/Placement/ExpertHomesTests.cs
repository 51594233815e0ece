using SoupsActors.Placement;

namespace SoupsActors.Grains.Tests.Placement;

/// <summary>Where experts live, and on how many generators.</summary>
public sealed class ExpertHomesTests
{
    private static readonly PlacementOptions Options = new() { RequestsPerReplica = 10 };

    // FNV-1a of "a" is 0xAF63DC4C8601EC8C; what is expected is SplitMix64's finaliser of it, computed elsewhere.
    [Fact]
    public void numbers_of_names_are_the_same_in_every_process() =>
        Assert.Equal((0x2C0BDBF481420F8UL, true), (ExpertHomes.NumberOf("a"), ExpertHomes.NumberOf("b") != 0));

    [Fact]
    public void a_generator_that_leaves_moves_its_own_experts_only()
    {
        string[] all = ["g0", "g1", "g2", "g3"];
        var moved = 0;
        for (var expert = 0; expert < 1000; expert++)
        {
            var before = Home($"e{expert}", all);
            var after = Home($"e{expert}", [.. all.Where(g => g != "g2")]);
            if (before == "g2")
                moved++;
            else
                Assert.Equal(before, after);
        }

        Assert.InRange(moved, 200, 300);
    }

    [Fact]
    public void twice_the_slots_hold_twice_the_experts()
    {
        var counts = new int[2];
        for (var expert = 0; expert < 6000; expert++)
        {
            var number = ExpertHomes.NumberOf($"e{expert}");
            double[] scores =
            [
                ExpertHomes.Score(number, ExpertHomes.NumberOf("small"), 8),
                ExpertHomes.Score(number, ExpertHomes.NumberOf("large"), 16),
            ];
            counts[ExpertHomes.Best(scores, 1)[0]]++;
        }

        Assert.InRange(counts[1], 3800, 4200);
    }

    [Fact]
    public void more_replicas_keep_the_earlier_homes()
    {
        double[] scores = [1, 5, 3, 4];
        Assert.Equal([1], ExpertHomes.Best(scores, 1));
        Assert.Equal([1, 3, 2], ExpertHomes.Best(scores, 3));
        Assert.Equal([1, 3, 2, 0], ExpertHomes.Best(scores, 9));
        Assert.Empty(ExpertHomes.Best([], 2));
    }

    [Theory]
    [InlineData(1, 5, 0, 8, 1)]
    [InlineData(1, 10.1, 0, 8, 2)]
    [InlineData(1, 95, 0, 8, 8)]
    [InlineData(4, 15, 1, 8, 4)]
    [InlineData(4, 15, 300, 8, 3)]
    [InlineData(3, 17, 300, 8, 3)]
    [InlineData(4, 90, 0, 2, 2)]
    [InlineData(4, 15, 0, 2, 2)]
    [InlineData(1, 0, 3000, 0, 1)]
    public void replicas_grow_at_once_and_shrink_one_by_one_after_the_cool_down(
        int replicas, double rate, int coldSeconds, int generators, int expected) => Assert.Equal(
        expected,
        ExpertReplication.Replicas(replicas, rate, TimeSpan.FromSeconds(coldSeconds), generators, Options));

    [Fact]
    public void a_rate_around_the_threshold_does_not_move_experts_back_and_forth()
    {
        var replicas = ExpertReplication.Replicas(1, 10.5, TimeSpan.Zero, 4, Options);
        for (var i = 0; i < 20; i++)
            replicas = ExpertReplication.Replicas(replicas, i % 2 == 0 ? 9.5 : 10.5, TimeSpan.FromHours(1), 4, Options);
        Assert.Equal(2, replicas);
    }

    [Fact]
    public void a_steady_rate_is_reported_as_it_is_and_fades_when_it_ends()
    {
        var rate = new RequestRate(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 1000; i++)
            rate.Add(i / 10.0);
        Assert.InRange(rate.At(100), 9.5, 10.5);
        Assert.InRange(rate.At(110), 3.4, 3.9);
        Assert.Equal(rate.At(110), rate.At(50));
    }

    private static string Home(string expert, string[] generators)
    {
        var number = ExpertHomes.NumberOf(expert);
        return generators[
            ExpertHomes.Best([.. generators.Select(g => ExpertHomes.Score(number, ExpertHomes.NumberOf(g), 8))], 1)[0]];
    }
}
