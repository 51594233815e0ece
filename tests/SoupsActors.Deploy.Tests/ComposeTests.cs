using System.Globalization;
using static SoupsActors.Deploy.Tests.DeployFolder;

namespace SoupsActors.Deploy.Tests;

/// <summary>Whether the parts of the compose file fit each other.</summary>
public sealed class ComposeTests
{
    private static readonly object Compose = Yaml("compose.yaml");

    private static IReadOnlyDictionary<string, object> Services { get; } =
        Entries(At<object>(Compose, "services")).ToDictionary(e => e.Key, e => e.Value);

    [Fact]
    public void There_is_a_gateway_two_generators_a_trainer_and_what_watches_them()
    {
        Assert.Equal(
            ["gateway", "generator", "generator", "trainer"],
            Services.Values.Select(s => Find(s, "environment/Soups__Roles")).OfType<string>().Order());
        Assert.Superset(
            new HashSet<string> { "postgres", "otel-collector", "prometheus", "grafana" }, Services.Keys.ToHashSet());
    }

    [Fact]
    public void Services_wait_for_services_that_are_there() => Assert.All(
        Services,
        service => Assert.All(
            Find(service.Value, "depends_on") switch
            {
                IList<object> names => names.Cast<string>(),
                var map => Entries(map).Select(e => e.Key),
            },
            name => Assert.Contains(name, Services.Keys)));

    [Fact]
    public void Who_waits_for_health_waits_for_a_service_with_a_health_check() => Assert.All(
        Services.Values.SelectMany(s => Entries(Find(s, "depends_on") as IDictionary<object, object>)),
        wanted => Assert.NotNull(Find(Services[wanted.Key], "healthcheck")));

    [Fact]
    public void Silos_are_killed_only_after_the_time_that_a_stop_may_take() => Assert.All(
        Services.Values.Where(s => Find(s, "environment/Soups__Roles") is not null),
        silo =>
        {
            var limit = TimeSpan.Parse(
                At<string>(silo, "environment/Soups__ShutdownTimeout"), CultureInfo.InvariantCulture);
            var grace = int.Parse(At<string>(silo, "stop_grace_period").TrimEnd('s'), CultureInfo.InvariantCulture);
            Assert.InRange(TimeSpan.FromSeconds(grace) - limit, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(15));
        });

    [Fact]
    public void Volumes_are_declared_and_files_are_there()
    {
        var declared = Entries(At<object>(Compose, "volumes")).Select(e => e.Key).ToHashSet();
        foreach (var mount in Services.Values.SelectMany(s => (IList<object>?)Find(s, "volumes") ?? []).Cast<string>())
        {
            var source = mount.Split(':')[0];
            if (source.StartsWith('.'))
                Assert.True(Path.Exists(Path.Combine(Root, source)), mount);
            else
                Assert.Contains(source, declared);
        }

        var silos = Services.Values.Where(s => Find(s, "environment/Soups__Roles") is not null);
        Assert.Distinct(silos.Select(s => At<string>(s, "volumes/0")));
    }

    [Fact]
    public void Images_of_others_are_named_by_version() => Assert.All(
        Services.Values.Where(s => Find(s, "build") is null),
        service => Assert.Matches(@":v?\d+\.\d+(\.\d+)?(-alpine)?$", At<string>(service, "image")));

    [Fact]
    public void Secrets_come_from_the_environment() => Assert.All(
        Services.Values.SelectMany(s => Entries(Find(s, "environment")))
            .Where(e => e.Key.Contains("PASSWORD", StringComparison.OrdinalIgnoreCase) || e.Key.EndsWith("Key", StringComparison.Ordinal)
                || e.Key.EndsWith("ConnectionString", StringComparison.Ordinal)),
        entry => Assert.Matches(@"\$\{[A-Z_]+:\?", (string)entry.Value));

    [Fact]
    public void Silos_fetch_weights_from_every_silo_that_has_a_device()
    {
        var gateway = Entries(Find(Services["gateway"], "environment"));
        Assert.Equal(
            Services.Where(s => Find(s.Value, "environment/Soups__Roles") is "generator" or "trainer")
                .Select(s => $"http://{s.Key}:5080").Order(),
            gateway.Where(e => e.Key.StartsWith("Soups__ExpertFiles__Peers", StringComparison.Ordinal))
                .Select(e => (string)e.Value).Order());
    }

    [Fact]
    public void Watchers_listen_where_they_are_looked_for()
    {
        var collector = Yaml("otel/collector.yaml");
        var receives = At<string>(collector, "receivers/otlp/protocols/grpc/endpoint").Split(':')[1];
        Assert.All(
            Services.Values.Select(s => Find(s, "environment/OTEL_EXPORTER_OTLP_ENDPOINT")).OfType<string>(),
            endpoint => Assert.Equal($"http://otel-collector:{receives}", endpoint));
        var exports = At<string>(collector, "exporters/prometheus/endpoint").Split(':')[1];
        var prometheus = Yaml("prometheus/prometheus.yaml");
        Assert.Equal($"otel-collector:{exports}", At<string>(prometheus, "scrape_configs/0/static_configs/0/targets/0"));
        foreach (var (name, pipeline) in Entries(At<object>(collector, "service/pipelines")))
        {
            foreach (var (stage, used) in Entries(pipeline))
                Assert.All((IList<object>)used, part => Assert.True(
                    Find(collector, $"{stage}/{part}") is not null || Text("otel/collector.yaml").Contains($"  {part}: {{}}", StringComparison.Ordinal),
                    $"{name}: {part}"));
        }
    }
}
