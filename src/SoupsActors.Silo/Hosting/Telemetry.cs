using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SoupsActors.Silo.Hosting.Clustering;

namespace SoupsActors.Silo.Hosting;

/// <summary>
/// Sends metrics and traces by OTLP where OTEL_EXPORTER_OTLP_ENDPOINT says whereto; otherwise nothing is collected.
/// </summary>
internal sealed class Telemetry(IConfiguration configuration) : IHostedService, IDisposable
{
    private const string Names = "Soups*";

    private MeterProvider? meters;
    private TracerProvider? traces;

    /// <summary>Whether settings say where telemetry goes.</summary>
    public static bool IsAskedFor(IConfiguration configuration) =>
        !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!IsAskedFor(configuration))
            return Task.CompletedTask;
        var resource = ResourceBuilder.CreateDefault().AddService("soups-actors").AddEnvironmentVariableDetector();
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
