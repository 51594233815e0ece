using SoupsActors.Cluster;
using SoupsActors.Silo.Statistics;
using SoupsActors.Testing;

namespace SoupsActors.Silo.Tests.Statistics;

public sealed class ServingHistoryTests
{
    private readonly ManualTimeProvider clock = new();

    [Fact]
    public void what_happens_is_counted_in_the_span_in_which_it_happens()
    {
        var history = new ServingHistory(clock);
        history.Now.Request(isError: false);
        history.Now.Request(isError: true);
        history.Now.FirstToken(0.02);
        clock.Advance(TimeSpan.FromSeconds(SiloBucket.Seconds));
        history.Now.Answer(isFailure: false);

        var spans = history.Since(0);
        Assert.Equal(2, spans.Length);
        Assert.Equal((2, 1, 0), (spans[0].Requests, spans[0].Errors, spans[0].Answers));
        Assert.Equal(1, spans[0].FirstToken.Sum());
        Assert.Equal((0, 1), (spans[1].Requests, spans[1].Answers));
        Assert.Equal(SiloBucket.Seconds, spans[1].Start - spans[0].Start);
        Assert.Single(history.Since(spans[1].Start));
    }

    [Fact]
    public void no_more_than_an_hour_is_kept_however_long_the_silo_runs()
    {
        var history = new ServingHistory(clock);
        for (var i = 0; i < 5 * SiloBucket.Kept; i++)
        {
            history.Now.OutputTokens(1);
            clock.Advance(TimeSpan.FromSeconds(SiloBucket.Seconds));
        }

        Assert.InRange(history.Since(0).Length, SiloBucket.Kept - 1, SiloBucket.Kept + 1);
    }

    [Fact]
    public void counts_from_many_threads_are_all_there()
    {
        var history = new ServingHistory(clock);
        Parallel.For(0, 10_000, i =>
        {
            history.Now.Step(3);
            history.Now.PerToken(0.001 * (i % 7));
        });
        var span = Assert.Single(history.Since(0));
        Assert.Equal((10_000, 30_000), (span.Steps, span.Rows));
        Assert.Equal(10_000, span.PerToken.Sum());
    }
}
