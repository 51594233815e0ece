using System.Diagnostics.Metrics;
using SoupsActors.Serving.Diagnostics;
using SoupsActors.Serving.Tests.Fakes;
using SoupsActors.Testing;

namespace SoupsActors.Serving.Tests;

public sealed class MetricsTests
{
    [Fact]
    public void A_request_is_measured_without_a_word_about_its_user()
    {
        var time = new ManualTimeProvider();
        using var meters = new OneMeter();
        var measured = new List<(string Name, double Value)>();
        var tags = new HashSet<string>();
        using var listener = Listen(meters, measured, tags);

        var engine = GenerationEngine.WithoutThread(
            new FakeStepModel { OnForward = () => time.Advance(TimeSpan.FromMilliseconds(20)) },
            time: time,
            meters: meters);
        var answer = engine.Submit(Requests.Of([1, 2], 5, ("e0", 1)) with { FairnessKey = "alice" });
        time.Advance(TimeSpan.FromSeconds(1));
        Requests.Drain(engine, answer);
        listener.RecordObservableInstruments();
        engine.StopNow();

        Assert.Contains(("soups.engine.queue.duration", 1), measured);
        Assert.Contains(("gen_ai.server.time_to_first_token", 1.02), measured);
        Assert.Contains(("gen_ai.server.time_per_output_token", 0.02), measured);
        Assert.Contains(("gen_ai.server.request.duration", 1.1), measured);
        Assert.Contains(("soups.engine.prompt.tokens", 2), measured);
        Assert.Contains(("soups.engine.batch.mixes", 1), measured);
        Assert.Contains(("soups.engine.experts.resident", 1), measured);
        Assert.Contains(("soups.engine.expert.uses", 1), measured);
        Assert.Contains(("soups.engine.expert.loads", 1), measured);
        Assert.Equal(5, measured.Where(m => m.Name == "soups.engine.output.tokens").Sum(m => m.Value));
        Assert.Equal(
            ["gen_ai.operation.name=text_completion", "gen_ai.provider.name=soups", "gen_ai.request.model=soup"],
            tags.Order());
    }

    [Fact]
    public void Tokens_per_second_are_those_of_the_last_ten_seconds()
    {
        var time = new ManualTimeProvider();
        var rate = new TokenRate(time);
        Assert.Equal(0, rate.PerSecond());
        for (var i = 0; i < 40; i++)
        {
            rate.Add(5);
            time.Advance(TimeSpan.FromMilliseconds(500));
        }

        Assert.Equal(10, rate.PerSecond(), 0.01);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(0, rate.PerSecond());
    }

    private static MeterListener Listen(OneMeter meters, List<(string, double)> measured, HashSet<string> tags)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter == meters.Meter)
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((i, value, t, _) => Record(i, Math.Round(value, 6), t));
        listener.SetMeasurementEventCallback<int>((i, value, t, _) => Record(i, value, t));
        listener.SetMeasurementEventCallback<long>((i, value, t, _) => Record(i, value, t));
        listener.Start();
        return listener;

        void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> given)
        {
            measured.Add((instrument.Name, value));
            foreach (var (key, tag) in given)
                tags.Add($"{key}={tag}");
        }
    }

    private sealed class OneMeter : IMeterFactory
    {
        public Meter Meter { get; } = new("Soups test");

        public Meter Create(MeterOptions options) => Meter;

        public void Dispose() => Meter.Dispose();
    }
}
