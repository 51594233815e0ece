using SoupsActors.Cluster;
using SoupsActors.Dashboard.Data;
using SoupsActors.Dashboard.Pages.Operations;
using SoupsActors.Dashboard.Pages.Overview;
using SoupsActors.Dashboard.Tests.Shared;

namespace SoupsActors.Dashboard.Tests.Pages;

/// <summary>A process that was killed stays in the report for a while; what it told last is over.</summary>
public sealed class SilentSiloTests
{
    private static readonly SiloSummary Dead =
        Silo("dead", isSilent: true, new SiloState { QueueLength = 5, RunningRows = 12, CpuCores = 1.25 });

    private static readonly SiloSummary Living =
        Silo("living", isSilent: false, new SiloState { QueueLength = 1, RunningRows = 2 });

    [Fact]
    public void a_silent_silo_neither_waits_nor_runs()
    {
        var cluster = Cluster(Dead, Living);
        Assert.Equal((1, 2), (cluster.Waiting(), cluster.Running()));
        Assert.False(cluster.IsIdle());
        Assert.True(Cluster(Dead).IsIdle());
        Assert.False((Cluster(Dead) with { Recent = new ServingFigures { TokensPerSecond = 1 } }).IsIdle());
    }

    [Fact]
    public void a_silo_that_answers_is_shown_first_and_the_chosen_one_whatever_it_does()
    {
        Assert.Equal(Living, ((SiloSummary[])[Dead, Living]).Pick(null));
        Assert.Equal(Living, ((SiloSummary[])[Dead, Living]).Pick("gone"));
        Assert.Equal(Dead, ((SiloSummary[])[Dead, Living]).Pick("dead"));
        Assert.Equal(Dead, ((SiloSummary[])[Dead]).Pick(null));
        Assert.Null(((SiloSummary[])[]).Pick(null));
    }

    [Fact]
    public async Task the_overview_counts_only_silos_that_answer()
    {
        var figures = await Markup.OfAsync<RecentFigures>(("Cluster", Cluster(Dead, Living)));
        Assert.Contains("running 2", figures, StringComparison.Ordinal);
        var table = await Markup.OfAsync<SiloTable>(("Cluster", Cluster(Dead)));
        Assert.Contains("last heard", table, StringComparison.Ordinal);
        Assert.DoesNotContain("1.25", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_silent_silo_has_a_problem_in_place_of_its_health()
    {
        var silent = await Markup.OfAsync<SiloOperations>(("Silo", Dead), ("Details", Details));
        Assert.Contains("dead is silent", silent, StringComparison.Ordinal);
        Assert.Contains("What follows is what it told last.", silent, StringComparison.Ordinal);
        Assert.DoesNotContain("The process answers", silent, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "Asking the silo", await Markup.OfAsync<SiloOperations>(("Silo", Dead)), StringComparison.Ordinal);

        var living = await Markup.OfAsync<SiloOperations>(("Silo", Living), ("Details", Details));
        Assert.Contains("The process answers", living, StringComparison.Ordinal);
        Assert.DoesNotContain("silent", living, StringComparison.Ordinal);
        Assert.Contains(
            "Asking the silo", await Markup.OfAsync<SiloOperations>(("Silo", Living)), StringComparison.Ordinal);
    }

    private static SiloDetails Details => new("dead", [], [new("The process answers", null)], [], [], [], []);

    private static ClusterReport Cluster(params SiloSummary[] silos) =>
        new(DateTimeOffset.UnixEpoch, silos, [], new ServingFigures(), []);

    private static SiloSummary Silo(string id, bool isSilent, SiloState state) => new(
        new SiloIdentity(id, "host", 1, DateTimeOffset.UnixEpoch, "1", id, "generator"),
        state,
        DateTimeOffset.UnixEpoch,
        isSilent,
        new ServingFigures());
}
