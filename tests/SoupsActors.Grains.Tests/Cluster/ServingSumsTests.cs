using SoupsActors.Cluster;
using SoupsActors.Grains.Cluster;

namespace SoupsActors.Grains.Tests.Cluster;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.95)]
    [InlineData(0.99)]
    public void a_percentile_is_right_to_a_quarter(double share)
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 5000).Select(_ => 0.001 * Math.Exp(random.NextDouble() * 8)).ToArray();
        var counts = new long[LatencyHistogram.Classes];
        foreach (var value in values)
            counts[LatencyHistogram.ClassOf(value)]++;
        var exact = values.Order().ElementAt((int)(share * values.Length));
        Assert.InRange(LatencyHistogram.Percentile(counts, share)!.Value, exact / 1.26, exact * 1.26);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1e9)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void every_duration_has_a_class(double seconds) =>
        Assert.InRange(LatencyHistogram.ClassOf(seconds), 0, LatencyHistogram.Classes - 1);

    [Fact]
    public void nothing_has_no_percentile() =>
        Assert.Null(LatencyHistogram.Percentile(new long[LatencyHistogram.Classes], 0.5));
}

public sealed class KnownSiloTests
{
    private static readonly SiloIdentity Identity = new("a", "host", 1, DateTimeOffset.UnixEpoch, "1", "silo", "gateway");

    [Fact]
    public void a_silo_is_remembered_for_an_hour_however_much_it_reports()
    {
        var silo = new KnownSilo(Identity);
        var now = DateTimeOffset.FromUnixTimeSeconds(1_000_000);
        for (var i = 0; i < 3000; i++)
        {
            now = now.AddSeconds(2);
            var start = now.ToUnixTimeSeconds() / SiloBucket.Seconds * SiloBucket.Seconds;
            silo.Hear(new SiloReport(Identity, new SiloState(), [new SiloBucket { Start = start, Requests = i }], null), null!, now);
        }

        Assert.InRange(silo.Buckets.Count, SiloBucket.Kept - 1, SiloBucket.Kept + 1);
        Assert.Equal(2999, silo.Buckets.Values.Last().Requests);
    }

    [Fact]
    public void sums_of_silos_give_rates_and_shares()
    {
        var sums = new ServingSums();
        sums.Add(new SiloBucket { Requests = 30, Errors = 3, OutputTokens = 600, Steps = 10, Rows = 40, Mixes = 20, Queue = 2 });
        sums.Add(new SiloBucket { Requests = 30, Steps = 10, Rows = 20, Mixes = 10, Queue = 5, FirstToken = One(0.1) });
        sums.Add(new SiloBucket { ExpertUses = 8, ExpertLoads = 2 });
        var figures = sums.Over(1_000_000, 60);
        Assert.Equal(1, figures.RequestsPerSecond);
        Assert.Equal(0.05, figures.ErrorShare);
        Assert.Equal(10, figures.TokensPerSecond);
        Assert.Equal((3.0, 1.5), (figures.BatchRows, figures.BatchMixes));
        Assert.Equal(0.25, figures.ExpertLoadShare);
        Assert.Equal(5, figures.QueueLength);
        Assert.InRange(figures.FirstToken!.P50, 0.08, 0.13);
        Assert.Null(figures.PerToken);
        Assert.Null(figures.FailedAnswerShare);
    }

    private static int[] One(double seconds)
    {
        var counts = new int[LatencyHistogram.Classes];
        counts[LatencyHistogram.ClassOf(seconds)] = 1;
        return counts;
    }
}
