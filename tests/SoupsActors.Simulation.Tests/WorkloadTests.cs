using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Simulation.Events;
using SoupsActors.Simulation.Workload;

namespace SoupsActors.Simulation.Tests;

/// <summary>Draws, events and the books that silos keep.</summary>
public sealed class WorkloadTests
{
    [Fact]
    public void No_draw_of_a_number_is_a_neighbours()
    {
        var all = new HashSet<ulong>();
        for (ulong number = 0; number < 1000; number++)
        {
            var chance = new Chance(1, Purpose.Mix, number);
            for (var draw = 0; draw < 10; draw++)
                Assert.True(all.Add(chance.Bits()));
        }
    }

    [Fact]
    public void The_clients_of_a_closed_loop_ask_for_all_users()
    {
        var found = ClusterSimulation.Run(Clusters.Bare with
        {
            Silos = 1,
            Clients = 1,
            Users = 200,
            UserExponent = 0,
            Experts = 6,
            ExpertExponent = 0,
            ExpertsPerMix = 3,
            Slots = 3,
            CachedExperts = 6,
            Requests = 5_000,
        });

        // Half of a user's three experts of six are those of the user before.
        Assert.InRange(found.LoadShare, 0.45, 0.55);
        Assert.InRange(found.ActiveUsers, 190, 200);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(1.7)]
    public void Ranks_are_drawn_as_often_as_Zipfs_law_says(double exponent)
    {
        const int Ranks = 20, Draws = 200_000;
        var zipf = new Zipf(Ranks, exponent);
        var counts = new int[Ranks];
        for (var i = 0UL; i < Draws; i++)
        {
            var chance = new Chance(7, Purpose.User, i);
            counts[zipf.Draw(ref chance)]++;
        }

        var all = Enumerable.Range(1, Ranks).Sum(rank => Math.Pow(rank, -exponent));
        // The 0.9999 quantile of χ² with 19 degrees of freedom.
        Assert.InRange(
            Enumerable.Range(1, Ranks).Sum(rank =>
            {
                var expected = Draws * Math.Pow(rank, -exponent) / all;
                return Math.Pow(counts[rank - 1] - expected, 2) / expected;
            }),
            0,
            50.8);
    }

    [Fact]
    public void Ten_million_users_have_mixes_of_their_own_that_never_change()
    {
        var population = new Population(new SimulationOptions { ExpertsPerMix = 5 });
        var (first, again) = (new int[5], new int[5]);
        var different = new HashSet<string>();
        for (var user = 0; user < 10_000_000; user += 9973)
        {
            population.MixOf(user, first);
            population.MixOf(user, again);
            Assert.Equal(first, again);
            Assert.Equal(5, first.Distinct().Count());
            different.Add(string.Join(' ', first.Order()));
        }

        Assert.True(different.Count > 900);
    }

    [Fact]
    public void Active_users_are_counted_as_they_would_be_seen()
    {
        var options = new SimulationOptions { Users = 20_000 };
        var population = new Population(options);
        // The requests of one idle time at this rate, and who sent them.
        var seen = Enumerable.Range(0, 100_000).Select(n => population.UserOf(n)).Distinct().Count();
        Clusters.AssertNear(seen, population.ActiveWithin(1000, 100), 0.02);
    }

    [Fact]
    public void The_next_event_is_always_the_earliest() => Prop.ForAll(
        Gen.ListOf(Gen.Choose(0, 19).Zip(Gen.Choose(0, 50))).ToArbitrary(),
        changes =>
        {
            var queue = new EventQueue(20);
            var times = Enumerable.Repeat(double.PositiveInfinity, 20).ToArray();
            return changes.All(change =>
            {
                var time = change.Item2 == 50 ? double.PositiveInfinity : change.Item2;
                times[change.Item1] = time;
                queue.Set(change.Item1, time);
                return queue.NextTime == times.Min() && queue.Next == Array.IndexOf(times, times.Min());
            });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_oldest_of_a_list_is_the_one_used_longest_ago() => Prop.ForAll(
        Gen.ListOf(Gen.Choose(-10, 9)).ToArbitrary(),
        uses =>
        {
            var list = new RecencyList(10);
            var slow = new List<int>();
            return uses.All(use =>
            {
                slow.Remove(use < 0 ? -use - 1 : use);
                if (use < 0)
                    list.Remove(-use - 1);
                else
                    list.Touch(use);
                if (use >= 0)
                    slow.Add(use);
                return list.Count == slow.Count && (slow.Count == 0 || list.Oldest == slow[0]);
            });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Quantiles_are_right_to_one_per_cent()
    {
        var histogram = new LatencyHistogram();
        for (var i = 1; i <= 100_000; i++)
            histogram.Add(i / 1000.0);
        Clusters.AssertNear(50, histogram.Quantile(0.5), 0.01);
        Clusters.AssertNear(99, histogram.Quantile(0.99), 0.01);
        Clusters.AssertNear(50.0005, histogram.Mean, 1e-9);
        Assert.Equal(0, new LatencyHistogram().Quantile(0.5));
    }
}
