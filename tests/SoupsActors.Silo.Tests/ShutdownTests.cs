using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SoupsActors.Grains.Generation;
using SoupsActors.Silo.Hosting;
using SoupsActors.Testing;

namespace SoupsActors.Silo.Tests;

/// <summary>What a server that stops does with requests that are open, and leaves for the silo.</summary>
public sealed class ShutdownTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);

    private readonly GatedEngine engine = new();
    private readonly ManualTimeProvider clock = new();
    private readonly StopsLast last = new();
    private readonly TestServer server;

    public ShutdownTests() => server = new(
        [$"--Soups:ShutdownTimeout={Limit}", "--Logging:LogLevel:Default=None"],
        services =>
        {
            services.AddSingleton<ITextEngine>(engine);
            services.AddSingleton(provider => ActivatorUtilities.CreateInstance<OpenRequests>(provider, clock));
            services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(last));
        });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task a_server_that_stops_is_alive_and_no_longer_ready()
    {
        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        var (ready, body) = await server.SendAsync(HttpMethod.Get, "/health/ready");
        Assert.Equal((503, "The server stops."), ((int)ready.StatusCode, (string?)body!["reason"]));
        Assert.Equal(200, (int)(await server.SendAsync(HttpMethod.Get, "/health/live")).Response.StatusCode);
    }

    // Without the cut it would wait for the whole hour.
    [Fact(Timeout = 60_000)]
    public async Task a_stream_that_does_not_end_is_cut_and_leaves_the_silo_time_to_stop_in_good_order()
    {
        using var stream = await OpenStreamAsync();
        var stopping = StopAsync();
        clock.Advance(Limit * 0.7);
        await Assert.ThrowsAnyAsync<IOException>(() => stream.ReadToEndAsync(Cancellation));
        await stopping;
        Assert.False(last.WasHurried);
        await engine.RowEnded.WaitAsync(Cancellation);
    }

    [Fact]
    public async Task a_stream_that_ends_in_time_is_whole()
    {
        using var stream = await OpenStreamAsync();
        var stopping = StopAsync();
        clock.Advance(Limit * 0.6);
        engine.Breakdown = new InvalidTimeZoneException("the end of this answer");
        engine.Permits.Writer.TryWrite(true);
        Assert.Contains("internal_error", await stream.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
        await stopping;
        Assert.False(last.WasHurried);
    }

    [Fact]
    public void the_setting_is_the_hosts_limit() => Assert.Equal(
        Limit, server.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);

    // As at SIGTERM: the application is told first, then the host stops its services.
    private Task StopAsync()
    {
        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        return server.Services.GetRequiredService<IHost>().StopAsync(Cancellation);
    }

    private async Task<StreamReader> OpenStreamAsync()
    {
        engine.Permits.Writer.TryWrite(true);
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(
                """{"model":"soup","stream":true,"messages":[{"role":"user","content":"hi"}]}""",
                System.Text.Encoding.UTF8, "application/json"),
        };
        var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        return new StreamReader(await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(Cancellation));
    }

    /// <summary>Starts before the silo, and so stops after it.</summary>
    private sealed class StopsLast : IHostedService
    {
        public bool WasHurried { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            WasHurried = cancellationToken.IsCancellationRequested;
            return Task.CompletedTask;
        }
    }
}
