using SoupsActors.Placement;

namespace SoupsActors.Simulation.Tests;

/// <summary>What is known of the ways to choose, found again.</summary>
public sealed class PolicyTests
{
    private static readonly SimulationOptions ManyQueues = Clusters.Bare with
    {
        Silos = 64,
        Rate = 64 * 0.9,
        Requests = 100_000,
    };

    [Fact]
    public void The_fullest_queue_is_far_shorter_with_two_choices_than_with_one()
    {
        var random = ClusterSimulation.Run(ManyQueues);
        var two = ClusterSimulation.Run(ManyQueues with { Policy = ChoicePolicy.TwoChoices });
        Assert.True(two.MomentaryImbalance < 0.6 * random.MomentaryImbalance);
        Assert.True(two.Wait.P99 < 0.5 * random.Wait.P99);
    }

    [Fact]
    public void Old_reports_make_the_least_loaded_silo_the_most_loaded_one()
    {
        var old = ManyQueues with { Placement = new PlacementOptions { ReportPeriod = TimeSpan.FromSeconds(5) } };
        var fresh = ClusterSimulation.Run(ManyQueues with { Policy = ChoicePolicy.LeastLoaded });
        var least = ClusterSimulation.Run(old with { Policy = ChoicePolicy.LeastLoaded });
        var two = ClusterSimulation.Run(old with { Policy = ChoicePolicy.TwoChoices });
        Assert.True(fresh.Wait.Mean < two.Wait.Mean);
        Assert.True(two.Wait.Mean < least.Wait.Mean);
    }

    [Fact]
    public void Knowing_where_experts_are_saves_most_of_the_transfers_of_a_large_cluster()
    {
        var options = new SimulationOptions { Silos = 32, Rate = 32 * 15, Requests = 60_000, WarmUp = 0.5 };
        var two = ClusterSimulation.Run(options with { Policy = ChoicePolicy.TwoChoices });
        var residency = ClusterSimulation.Run(options);
        Assert.True(residency.MissShare < 0.5 * two.MissShare);
        Assert.True(residency.Answer.P99 < two.Answer.P99);
        Assert.True(residency.Imbalance < 1.5);
    }

    [Fact]
    public void A_silo_that_refuses_is_not_asked_again_and_another_answers()
    {
        var options = Clusters.Bare with
        {
            Silos = 2,
            Rate = 1.2,
            QueueLimit = 1,
            Requests = 20_000,
            Placement = new PlacementOptions { ReportPeriod = TimeSpan.Zero, Attempts = 1 },
        };
        var once = ClusterSimulation.Run(options);
        var twice = ClusterSimulation.Run(options with
        {
            Placement = new PlacementOptions { ReportPeriod = TimeSpan.Zero, Attempts = 2 },
        });
        Assert.True(twice.RefusedShare < 0.7 * once.RefusedShare);
    }
}
