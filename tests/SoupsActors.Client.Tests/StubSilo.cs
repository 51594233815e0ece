using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Testing;

namespace SoupsActors.Client.Tests;

/// <summary>Answers the client's requests from a script and keeps what was asked.</summary>
internal sealed class StubSilo : HttpMessageHandler
{
    private readonly Queue<Func<CancellationToken, Task<HttpResponseMessage>>> script = new();

    public ManualTimeProvider Time { get; } = new();

    public List<(HttpMethod Method, string Path, string? OperationId, string? Authorization, string Body)> Requests { get; } = [];

    public StubSilo Answers(HttpStatusCode status, string body, string type = "application/json", TimeSpan? retryAfter = null)
    {
        script.Enqueue(_ =>
        {
            var response = new HttpResponseMessage(status)
            {
                Content = new StringContent(body, System.Text.Encoding.UTF8, type),
            };
            if (retryAfter is { } pause)
                response.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(pause);
            return Task.FromResult(response);
        });
        return this;
    }

    public StubSilo Breaks()
    {
        script.Enqueue(_ => throw new HttpRequestException("connection refused"));
        return this;
    }

    /// <summary>Takes a request and never answers it.</summary>
    public StubSilo Hangs()
    {
        script.Enqueue(async stop =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
            throw new InvalidOperationException("It hangs until it is stopped.");
        });
        return this;
    }

    public T Get<T>(Action<SoupsClientOptions>? configure = null)
        where T : notnull
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton<TimeProvider>(Time);
        services.AddSoupsClient(configure);
        services.ConfigureHttpClientDefaults(http => http.ConfigurePrimaryHttpMessageHandler(() => this));
        return services.BuildServiceProvider().GetRequiredService<T>();
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests.Add((
            request.Method,
            request.RequestUri!.PathAndQuery,
            request.Headers.TryGetValues("Idempotency-Key", out var keys) ? keys.Single() : null,
            request.Headers.Authorization?.ToString(),
            request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken)));
        var response = await script.Dequeue()(cancellationToken);
        response.RequestMessage = request;
        return response;
    }
}
