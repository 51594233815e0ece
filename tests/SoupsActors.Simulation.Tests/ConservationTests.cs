using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace SoupsActors.Simulation.Tests;

/// <summary>What holds for every cluster, however odd.</summary>
public sealed class ConservationTests
{
    [Fact]
    public void Every_request_is_answered_or_refused_once_and_bytes_are_misses_times_size() => Prop.ForAll(
        Clusters.Any,
        options =>
        {
            var result = ClusterSimulation.Run(options);
            return result.Sent == options.Requests
                && result.Answered + result.Refused == result.Sent
                && result.BytesMoved == result.Misses * options.ExpertBytes
                && result.Misses <= result.Lookups
                && (options.CachedExperts < options.Experts || result.Misses <= options.Silos * options.Experts);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_same_options_give_the_same_result_to_the_bit() => Prop.ForAll(
        Clusters.Any,
        options => JsonSerializer.Serialize(ClusterSimulation.Run(options))
            == JsonSerializer.Serialize(ClusterSimulation.Run(options))).QuickCheckThrowOnFailure();

    [Fact]
    public void No_silo_decodes_more_rows_than_it_has_places() => Prop.ForAll(
        Clusters.Any,
        options => ClusterSimulation.Run(options) is var result
            && result.MeanRows <= options.Rows + 1e-9
            && result.Busy <= 1 + 1e-9
            && result.Imbalance >= 1 - 1e-9).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(ChoicePolicy.Random)]
    [InlineData(ChoicePolicy.TwoChoices)]
    [InlineData(ChoicePolicy.Residency)]
    public void Requests_in_the_cluster_are_their_rate_times_their_time_as_Little_says(ChoicePolicy policy)
    {
        var options = new SimulationOptions { Silos = 8, Policy = policy, Rate = 8 * 15, Requests = 60_000 };
        var result = ClusterSimulation.Run(options);
        var inside = (result.MeanRows + result.MeanWaiting) * options.Silos;
        Clusters.AssertNear(result.AnswersPerSecond * result.Answer.Mean, inside, 0.05);
    }

    [Fact]
    public void What_a_silo_holds_depends_on_its_requests_alone_so_more_memory_never_misses_more() => Prop.ForAll(
        Clusters.Any,
        ArbMap.Default.ArbFor<PositiveInt>(),
        (options, more) =>
        {
            // Least recently used is a stack policy (Mattson and others 1970): the smaller memory is within the larger.
            var one = options with { Silos = 1, Clients = 0, QueueLimit = 1_000_000 };
            var larger = one with { CachedExperts = one.CachedExperts + more.Get };
            return ClusterSimulation.Run(larger).Misses <= ClusterSimulation.Run(one).Misses;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Memory_for_every_expert_misses_each_once()
    {
        var result = ClusterSimulation.Run(Clusters.Bare with
        {
            Experts = 50,
            ExpertsPerMix = 3,
            ExpertExponent = 0,
            Slots = 50,
            CachedExperts = 50,
            Requests = 5000,
            WarmUp = 0,
        });
        Assert.Equal(50, result.Misses);
        Assert.Equal(50 * 1e6, result.MemoryBytes);
    }

    [Fact]
    public void Too_few_slots_keep_rows_from_running_together()
    {
        var options = Clusters.Bare with
        {
            Experts = 1000,
            ExpertExponent = 0,
            ExpertsPerMix = 3,
            CachedExperts = 1000,
            Rows = 32,
            Slots = 9,
            Rate = 100,
            Requests = 5000,
        };
        Assert.InRange(ClusterSimulation.Run(options).MeanRows, 2.5, 3.2);
        Assert.InRange(ClusterSimulation.Run(options with { Slots = 96 }).MeanRows, 31, 32);
    }

    [Fact]
    public void A_full_queue_refuses_and_what_is_refused_is_counted()
    {
        var result = ClusterSimulation.Run(Clusters.Bare with { Rate = 10, QueueLimit = 5, Requests = 20_000 });
        Clusters.AssertNear(0.9, result.RefusedShare, 0.02);
        // Whoever is let in finds at most five before it.
        Assert.InRange(result.Wait.Mean, 4, 6);
    }
}
