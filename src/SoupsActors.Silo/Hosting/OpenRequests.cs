using Microsoft.Extensions.Options;

namespace SoupsActors.Silo.Hosting;

/// <summary>
/// Cuts requests that are still open when two thirds of <see cref="SoupsOptions.ShutdownTimeout"/> are over. The web
/// server stops first and waits for them; one stream without an end would leave the silo no time to leave the cluster.
/// </summary>
internal sealed class OpenRequests : IMiddleware, IDisposable
{
    private readonly CancellationTokenSource end = new();
    private ITimer? timer;

    public OpenRequests(IOptions<SoupsOptions> options, IHostApplicationLifetime lifetime, TimeProvider clock)
    {
        var patience = options.Value.ShutdownTimeout * 2 / 3;
        lifetime.ApplicationStopping.Register(() =>
            timer = clock.CreateTimer(_ => end.Cancel(), null, patience, Timeout.InfiniteTimeSpan));
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        await using var cut = end.Token.Register(context.Abort);
        await next(context);
    }

    public void Dispose()
    {
        timer?.Dispose();
        end.Dispose();
    }
}
