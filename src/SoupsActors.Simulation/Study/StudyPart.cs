using SoupsActors.Placement;

namespace SoupsActors.Simulation.Study;

/// <summary>One question of a study: a setting, the values it takes, and the policies that are compared.</summary>
/// <param name="Name">Short, for files and results.</param>
/// <param name="Question">What it is to answer.</param>
/// <param name="Unit">What the values are, for tables and axes.</param>
/// <param name="Values">The values.</param>
/// <param name="Policies">How generators are chosen.</param>
/// <param name="Apply">The cluster with one of the values.</param>
public sealed record StudyPart(
    string Name,
    string Question,
    string Unit,
    IReadOnlyList<double> Values,
    IReadOnlyList<ChoicePolicy> Policies,
    Func<SimulationOptions, double, SimulationOptions> Apply)
{
    /// <summary>The same load on each silo, and as many requests for each.</summary>
    public static StudyPart Silos(IReadOnlyList<double> silos, IReadOnlyList<ChoicePolicy> policies) => new(
        "silos",
        "How do the policies do as the cluster grows, with the same load on each silo?",
        "silos",
        silos,
        policies,
        (o, silos) => o with
        {
            Silos = (int)silos,
            Rate = o.Rate / o.Silos * silos,
            Requests = Math.Max(1, (long)(o.Requests / (double)o.Silos * silos)),
        });

    /// <summary>The parts that the defaults of placement are chosen by.</summary>
    public static IReadOnlyList<StudyPart> Placement { get; } =
    [
        new(
            "slots",
            "How many experts should a device hold? Each slows every step; too few keep rows from running together.",
            "slots",
            [16, 32, 48, 64, 96, 128, 192, 256],
            [ChoicePolicy.TwoChoices, ChoicePolicy.Residency],
            (o, slots) => o with { Slots = (int)slots, CachedExperts = Math.Max(o.CachedExperts, (int)slots) }),
        new(
            "memory",
            "How many experts should a silo keep in memory?",
            "experts in memory",
            [128, 256, 512, 1000],
            [ChoicePolicy.TwoChoices, ChoicePolicy.Residency],
            (o, experts) => o with { CachedExperts = Math.Max(o.Slots, (int)experts) }),
        new(
            "miss-cost",
            "What should a missing expert count against load (Soups:Placement:MissCost)?",
            "miss cost",
            [0, 0.03, 0.06, 0.125, 0.25, 0.5, 1, 4],
            [ChoicePolicy.Residency],
            (o, cost) => o with { Placement = With(o.Placement, missCost: cost) }),
        new(
            "replicas",
            "How many requests a second may one home of an expert take (Soups:Placement:RequestsPerReplica)? 0 is a "
            + "cluster without homes.",
            "requests per replica",
            [0, 1, 3, 10, 30, 100],
            [ChoicePolicy.Residency],
            (o, requests) => o with
            {
                Homes = requests > 0,
                Placement = With(
                    o.Placement,
                    requestsPerReplica: requests > 0 ? requests : o.Placement.RequestsPerReplica),
            }),
        new(
            "report-period",
            "How often must generators report (Soups:Placement:ReportPeriod)?",
            "seconds between reports",
            [0.0625, 0.125, 0.25, 0.5, 1, 2, 4],
            [ChoicePolicy.LeastLoaded, ChoicePolicy.TwoChoices, ChoicePolicy.Residency],
            (o, seconds) => o with
            {
                Placement = With(o.Placement, reportPeriod: TimeSpan.FromSeconds(seconds)),
            }),
        new(
            "queue-limit",
            "How many requests may wait (Soups:Engine:QueueLimit) when 40 % more come than the devices can do?",
            "queue limit",
            [16, 32, 64, 128, 256, 512, 1024],
            [ChoicePolicy.Residency],
            (o, limit) => o with
            {
                QueueLimit = (int)limit,
                Rate = 1.4 * o.Silos * o.Service.Capacity(o.Rows, o.Slots, o.PromptTokens, o.AnswerTokens),
            }),
        new(
            "popularity",
            "How uneven must the popularity of experts be?",
            "Zipf exponent",
            [0, 0.5, 0.8, 1, 1.2],
            [ChoicePolicy.TwoChoices, ChoicePolicy.Residency],
            (o, exponent) => o with { ExpertExponent = exponent }),
    ];

    private static PlacementOptions With(
        PlacementOptions of,
        double? missCost = null,
        TimeSpan? reportPeriod = null,
        double? requestsPerReplica = null) => new()
        {
            MissCost = missCost ?? of.MissCost,
            ReportPeriod = reportPeriod ?? of.ReportPeriod,
            RequestsPerReplica = requestsPerReplica ?? of.RequestsPerReplica,
            SilenceLimit = of.SilenceLimit,
            CoolDown = of.CoolDown,
            Attempts = of.Attempts,
        };
}
