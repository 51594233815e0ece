using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SoupsActors.Clustering;

namespace SoupsActors.Client.Cluster;

/// <summary>Makes an application a client of a cluster: it calls grains, without HTTP in between.</summary>
public static class ClusterClientExtensions
{
    /// <summary>
    /// Connects to the cluster that the section <c>Soups:Cluster</c> names, the same that its silos read, and adds
    /// <see cref="SoupsCluster"/>. The connection is made when the host starts, and kept up.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="configure">Changes attempts and pauses, which come from the section <c>Soups:Client</c>.</param>
    /// <exception cref="OptionsValidationException">
    /// A setting is wrong, or this build runs all grains in one process and so has no cluster to connect to.
    /// </exception>
    public static IHostApplicationBuilder AddSoupsClient(
        this IHostApplicationBuilder builder, Action<SoupsClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var cluster = builder.Configuration.GetSection(ClusterOptions.Section).Get<ClusterOptions>() ?? new();
        var problems = cluster.Problems()
            .Select(p => $"{ClusterOptions.Section}:{p.Setting} is '{p.Value}'; it must be {p.Range}.")
            .ToArray();
        if (problems.Length > 0)
            throw new OptionsValidationException(ClusterOptions.Section, typeof(ClusterOptions), problems);
        ClusterConnection.Connect(builder, cluster);
        builder.Services.AddSoupsCluster(configure);
        return builder;
    }

    /// <summary>
    /// Adds <see cref="SoupsCluster"/> where the application has a client of grains already: inside a silo, or with a
    /// connection of its own.
    /// </summary>
    public static IServiceCollection AddSoupsCluster(
        this IServiceCollection services, Action<SoupsClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<SoupsClientOptions>().BindConfiguration(SoupsClientOptions.Section);
        if (configure is not null)
            options.Configure(configure);
        options.ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SoupsCluster>();
        return services;
    }
}
