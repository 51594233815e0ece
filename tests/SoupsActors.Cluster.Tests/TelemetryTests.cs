using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using SoupsActors.Cluster.Tests.Load;
using SoupsActors.Cluster.Tests.Processes;
using SoupsActors.Testing;

namespace SoupsActors.Cluster.Tests;

/// <summary>What a silo on Orleans sends to a collector, as this stand-in receives it.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Orleans_own_meter_and_spans_of_grain_calls_are_sent()
    {
        SiloCluster.RequireOrleans();
        var stop = TestContext.Current.CancellationToken;
        var received = new ConcurrentDictionary<string, StringBuilder>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.MapPost("/v1/{kind}", async (string kind, HttpRequest request) =>
        {
            // Names are text within the binary form.
            using var reader = new StreamReader(request.Body, Encoding.Latin1);
            var body = await reader.ReadToEndAsync();
            var all = received.GetOrAdd(kind, _ => new StringBuilder());
            lock (all)
                all.Append(body);
        });
        await collector.StartAsync(stop);

        using var folder = new TemporaryFolder();
        await using (var silo = new SiloProcess("single", folder.Path))
        {
            silo.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single();
            silo.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
            silo.Start();
            await silo.ReadyAsync(stop);
            await Conversation.AskAsync(silo.Http, 1, "alice", 4, stop);
            await silo.StopAsync();
        }

        Assert.Contains("Microsoft.Orleans", received["metrics"].ToString(), StringComparison.Ordinal);
        Assert.Contains("Soups", received["metrics"].ToString(), StringComparison.Ordinal);
        Assert.Contains("Microsoft.Orleans.Application", received["traces"].ToString(), StringComparison.Ordinal);
        Assert.Contains("IUserGrain", received["traces"].ToString(), StringComparison.Ordinal);
    }
}
