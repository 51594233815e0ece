using SoupsActors.Cluster;

namespace SoupsActors.Grains.Tests.Cluster;

public sealed class ClusterReportTests : IAsyncLifetime
{
    private readonly TestSilo silo = new();
    private readonly Reporter reporter = new();
    private ISiloReporter reference = null!;

    private IClusterGrain Cluster => silo.Grains.GetGrain<IClusterGrain>(IClusterGrain.Key);

    private long Now => silo.Clock.GetUtcNow().ToUnixTimeSeconds() / SiloBucket.Seconds * SiloBucket.Seconds;

    public async ValueTask InitializeAsync()
    {
        await silo.InitializeAsync();
        reference = silo.Grains.CreateObjectReference<ISiloReporter>(reporter);
    }

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task silos_report_rarely_until_somebody_looks_and_are_then_woken_once()
    {
        var first = await ReportAsync("a");
        Assert.True(first.History);
        Assert.False(first.Details);
        var second = await ReportAsync("a");
        Assert.False(second.History);

        Assert.Empty(await Cluster.Operations());
        await reporter.Woken.Task.WaitAsync(TestContext.Current.CancellationToken);
        var watched = await ReportAsync("a");
        Assert.True(watched.Details);
        Assert.True(watched.Pause < first.Pause);

        silo.Clock.Advance(TimeSpan.FromMinutes(1));
        var unwatched = await ReportAsync("a");
        Assert.False(unwatched.Details);
        Assert.Equal(first.Pause, unwatched.Pause);
    }

    [Fact]
    public async Task the_report_adds_silos_up_and_names_the_silent_one()
    {
        silo.Clock.Advance(TimeSpan.FromSeconds(SiloBucket.Seconds));
        await ReportAsync("a", new SiloBucket { Start = Now - 30, OutputTokens = 600 });
        silo.Clock.Advance(TimeSpan.FromSeconds(40));
        await ReportAsync("b", new SiloBucket { Start = Now - 30, OutputTokens = 1200 });

        var report = await Cluster.Describe();
        Assert.Equal(["a", "b"], report.Silos.Select(s => s.Identity.Id).Order());
        Assert.True(report.Silos.Single(s => s.Identity.Id == "a").IsSilent);
        Assert.False(report.Silos.Single(s => s.Identity.Id == "b").IsSilent);
        Assert.Equal(20, report.Recent.TokensPerSecond);
        Assert.Equal(1800, report.History.Sum(f => f.TokensPerSecond) * 30, 6);
        Assert.True(report.Activations["ExpertGrain"] >= 2);

        silo.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Empty((await Cluster.Describe()).Silos);
    }

    private Task<ReportPlan> ReportAsync(string id, params SiloBucket[] buckets) => Cluster.Report(
        new SiloReport(new SiloIdentity(id, "host", 1, DateTimeOffset.UnixEpoch, "1", "silo", "gateway"), new SiloState(), buckets, null),
        reference);

    private sealed class Reporter : ISiloReporter
    {
        public TaskCompletionSource Woken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Wake()
        {
            Woken.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
