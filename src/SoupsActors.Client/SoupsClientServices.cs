using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace SoupsActors.Client;

/// <summary>Registers the client of a silo.</summary>
public static class SoupsClientServices
{
    private const string HttpClientName = "SoupsActors";

    /// <summary>
    /// Adds <see cref="SoupsClient"/>, <see cref="SoupsChatClient"/> and, as <see cref="IChatClient"/>, the latter again.
    /// Options are read from the section <see cref="SoupsClientOptions.Section"/>, then changed by
    /// <paramref name="configure"/>, and validated at start.
    /// </summary>
    public static IServiceCollection AddSoupsClient(
        this IServiceCollection services, Action<SoupsClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<SoupsClientOptions>()
            .BindConfiguration(SoupsClientOptions.Section)
            .ValidateDataAnnotations()
            .Validate(
                o => o.Endpoint is { IsAbsoluteUri: true, Scheme: "http" or "https" },
                $"{SoupsClientOptions.Section}:Endpoint must be an absolute http or https address.")
            .ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);

        // The connection limits the time until headers itself; a stream may take as long as it takes.
        services.AddHttpClient(HttpClientName, http => http.Timeout = Timeout.InfiniteTimeSpan);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddTransient(provider => new SoupsConnection(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(HttpClientName),
            provider.GetRequiredService<IOptions<SoupsClientOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddTransient(provider => new SoupsClient(provider.GetRequiredService<SoupsConnection>()));
        services.TryAddTransient(provider => new SoupsChatClient(provider.GetRequiredService<SoupsConnection>()));
        services.TryAddTransient<IChatClient>(provider => provider.GetRequiredService<SoupsChatClient>());
        return services;
    }
}
