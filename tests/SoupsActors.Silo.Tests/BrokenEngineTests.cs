using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SoupsActors.Grains.Generation;
using SoupsActors.Silo.Hosting;

namespace SoupsActors.Silo.Tests;

/// <summary>A server whose engine has ended by a mistake in itself, and with it all that it can do.</summary>
public sealed class BrokenEngineTests : IAsyncLifetime
{
    private readonly TestServer server = new("--Logging:LogLevel:Default=None");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task a_server_whose_engine_has_broken_is_not_ready_attracts_nobody_and_stops()
    {
        var engine = server.Services.GetRequiredService<ITextEngine>();
        Assert.NotNull(engine.Load);
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lifetime = server.Services.GetRequiredService<IHostApplicationLifetime>();
        lifetime.ApplicationStopping.Register(stopping.SetResult);
        using var fault = BreakNextStep();

        const string Body = """{"model":"soup","messages":[{"role":"user","content":"hi"}]}""";
        var (response, _) = await server.SendAsync(HttpMethod.Post, "/v1/chat/completions", Body);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Null(engine.Load);

        await stopping.Task.WaitAsync(Cancelled);
        var state = server.Services.GetRequiredService<StartupState>();
        Assert.True(state.HasFailed);
        Assert.Contains("The gauge is broken.", state.Reason, StringComparison.Ordinal);
        (response, _) = await server.SendAsync(HttpMethod.Get, "/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public void what_has_failed_does_not_become_ready()
    {
        var state = new StartupState();
        state.Failed("It broke while experts were published.");
        state.Ready();
        Assert.NotNull(state.Reason);
    }

    // Whoever listens to an instrument is called on the engine's thread, outside of what a request can make fail.
    private MeterListener BreakNextStep()
    {
        var meters = server.Services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Name == "soups.engine.batch.rows")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>(
            (_, _, _, _) => throw new NotSupportedException("The gauge is broken."));
        listener.Start();
        return listener;
    }
}
