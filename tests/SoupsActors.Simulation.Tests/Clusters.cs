using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Placement;

namespace SoupsActors.Simulation.Tests;

/// <summary>Clusters for tests.</summary>
internal static class Clusters
{
    /// <summary>One server that takes a second on average, with one place and nothing to load: M/M/1 at 0.7.</summary>
    public static SimulationOptions Bare { get; } = new()
    {
        Silos = 1,
        Users = 1000,
        Experts = 1,
        ExpertsPerMix = 0,
        Slots = 1,
        CachedExperts = 1,
        Rows = 1,
        QueueLimit = 1_000_000,
        Policy = ChoicePolicy.Random,
        Placement = new PlacementOptions { ReportPeriod = TimeSpan.Zero },
        Requests = 300_000,
        WarmUp = 0.1,
        Rate = 0.7,
        PromptTokens = 0,
        AnswerTokens = 100,
        Service = new ServiceModel { StepSeconds = 0.01 },
        NetworkLatencySeconds = 0,
        NetworkBytesPerSecond = 1e9,
        ExpertBytes = 1e6,
    };

    /// <summary>Small clusters of every kind, from idle ones to ones with far too much to do.</summary>
    public static Arbitrary<SimulationOptions> Any { get; } = (
        from seed in Gen.Choose(1, 1_000_000)
        from silos in Gen.Choose(1, 9)
        from experts in Gen.Choose(1, 30)
        from mix in Gen.Choose(0, Math.Min(4, experts))
        from slots in Gen.Choose(Math.Max(1, mix), 12)
        from cached in Gen.Choose(Math.Max(1, mix), 30)
        from rows in Gen.Choose(1, 6)
        from queue in Gen.Choose(1, 40)
        from policy in Gen.Elements(Enum.GetValues<ChoicePolicy>())
        from period in Gen.Elements(0, 50, 1000)
        from load in Gen.Choose(1, 40)
        from clients in Gen.Elements(0, 0, 1, 25)
        select Bare with
        {
            Seed = (ulong)seed,
            Silos = silos,
            Users = 500,
            Experts = experts,
            ExpertsPerMix = mix,
            Slots = slots,
            CachedExperts = cached,
            Rows = rows,
            QueueLimit = queue,
            Policy = policy,
            Placement = new PlacementOptions { ReportPeriod = TimeSpan.FromMilliseconds(period), Attempts = 2 },
            Rate = silos * load,
            Clients = clients,
            Requests = 400,
            WarmUp = 0,
            Service = Bare.Service with
            {
                RowSeconds = 0.002,
                ExpertSeconds = 0.0005,
                PromptTokenSeconds = 0.001,
                LoadSeconds = 0.01,
            },
            PromptTokens = 5,
        }).ToArbitrary();

    public static void AssertNear(double expected, double actual, double tolerance) =>
        Assert.InRange(actual, expected * (1 - tolerance), expected * (1 + tolerance));
}
