using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SoupsActors.Grains.Placement;
using SoupsActors.Silo.Hosting.Clustering;

namespace SoupsActors.Silo.Hosting;

/// <summary>
/// Sends metrics and traces by OTLP where OTEL_EXPORTER_OTLP_ENDPOINT says whereto; otherwise nothing is collected.
/// </summary>
internal sealed class Telemetry(IConfiguration configuration, IOptions<SoupsOptions> options)
    : IHostedService, IDisposable
{
    private const string Names = "Soups*";

    private MeterProvider? meters;
    private TracerProvider? traces;

    /// <summary>Whether settings say where telemetry goes.</summary>
    public static bool IsAskedFor(IConfiguration configuration) =>
        !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);

    /// <summary>
    /// What tells this silo from others: alerts select generators by their role. The environment has the last word.
    /// </summary>
    internal static ResourceBuilder About(SoupsOptions options) => ResourceBuilder.CreateDefault()
        .AddService("soups-actors")
        .AddAttributes([new("soups.role", SiloRolesText.Format(options.SiloRoles))])
        .AddEnvironmentVariableDetector();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!IsAskedFor(configuration))
            return Task.CompletedTask;
        var resource = About(options.Value);
        meters = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(Names, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
            .AddMeter([.. ClusterHost.Meters])
            .AddOtlpExporter()
            .Build();
        traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(Names, "Microsoft.AspNetCore")
            .AddSource([.. ClusterHost.Sources])
            .AddOtlpExporter()
            .Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        meters?.ForceFlush(2000);
        traces?.ForceFlush(2000);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        meters?.Dispose();
        traces?.Dispose();
    }
}
