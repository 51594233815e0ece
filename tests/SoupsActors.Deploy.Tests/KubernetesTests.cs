using System.Diagnostics;
using System.Globalization;
using static SoupsActors.Deploy.Tests.DeployFolder;

namespace SoupsActors.Deploy.Tests;

/// <summary>Whether the manifests fit each other, and what they promise.</summary>
public sealed class KubernetesTests
{
    [Fact]
    public void Every_role_is_there_and_selectors_find_their_pods()
    {
        Assert.Equal(
            ["gateway", "generator", "trainer"],
            Workloads.Select(Component).Order());
        Assert.All(Workloads, workload => Assert.True(Matches(
            At<object>(workload, "spec/selector/matchLabels"), At<object>(workload, "spec/template/metadata/labels"))));
        Assert.All(
            Manifests.Select(m => m.Manifest).Where(m => At<string>(m, "kind") is "Service"),
            service => Assert.Single(Workloads, workload => Matches(
                At<object>(service, "spec/selector"), At<object>(workload, "spec/template/metadata/labels"))));
        Assert.All(
            Manifests.Select(m => m.Manifest).Where(m => At<string>(m, "kind") is "PodDisruptionBudget"),
            budget => Assert.Single(Workloads, workload => Matches(
                At<object>(budget, "spec/selector/matchLabels"), At<object>(workload, "spec/template/metadata/labels"))));
    }

    [Fact]
    public void Gateways_and_generators_may_not_all_be_drained_at_once() => Assert.Equal(
        ["soups-gateway", "soups-generator"],
        Manifests.Select(m => m.Manifest).Where(m => At<string>(m, "kind") is "PodDisruptionBudget")
            .Select(m => At<string>(m, "metadata/name")).Order());

    [Fact]
    public void Secrets_are_referred_to_and_stand_nowhere()
    {
        Assert.DoesNotContain(Manifests, m => At<string>(m.Manifest, "kind") is "Secret");
        foreach (var workload in Workloads)
        {
            var referred = Environment(workload).Where(e => Find(e, "valueFrom/secretKeyRef") is not null)
                .Select(e => At<string>(e, "name"));
            Assert.Equal(["Soups__ApiKey", "Soups__ClusterKey", "Soups__Storage__ConnectionString"], referred.Order());
        }
    }

    [Fact]
    public void Probes_ask_the_three_health_endpoints_and_no_pod_runs_as_root()
    {
        foreach (var workload in Workloads)
        {
            Assert.Equal("/health/startup", At<string>(workload, $"{Container}/startupProbe/httpGet/path"));
            Assert.Equal("/health/ready", At<string>(workload, $"{Container}/readinessProbe/httpGet/path"));
            Assert.Equal("/health/live", At<string>(workload, $"{Container}/livenessProbe/httpGet/path"));
            Assert.Equal("true", At<string>(workload, "spec/template/spec/securityContext/runAsNonRoot"));
        }
    }

    [Fact]
    public void Pods_are_killed_only_after_the_time_that_a_stop_may_take()
    {
        var limit = TimeSpan.Parse(
            At<string>(Yaml("kubernetes/base/settings.yaml"), "data/Soups__ShutdownTimeout"),
            CultureInfo.InvariantCulture);
        Assert.All(Workloads, workload =>
        {
            var grace = Seconds(At<string>(workload, "spec/template/spec/terminationGracePeriodSeconds"));
            var waiting = Seconds(At<string>(workload, $"{Container}/lifecycle/preStop/sleep/seconds"));
            Assert.True(waiting > TimeSpan.Zero);
            Assert.InRange(grace - waiting - limit, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10));
        });
    }

    [Fact]
    public void Pods_that_are_marked_as_clients_reach_the_port_for_them_and_no_other()
    {
        var rules = At<IList<object>>(Policy("soups-silos"), "spec/ingress").ToArray();
        var client = Documents("{soups-client: \"true\"}")[0];
        var admitted = rules.Where(rule => At<IList<object>>(rule, "from")
            .Any(peer => Matches(At<object>(peer, "podSelector/matchLabels"), client)));
        var ports = admitted.SelectMany(rule => At<IList<object>>(rule, "ports"));
        Assert.Equal(["30000"], ports.Select(port => At<string>(port, "port")));
        Assert.Contains("soups-client: \"true\"", Text("README.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void Ports_that_the_guide_needs_beside_those_open_stand_ready_as_comments() =>
        Assert.Contains("# - port: 6379", Text("kubernetes/base/network.yaml"), StringComparison.Ordinal);

    [Fact]
    public void Silos_may_do_what_Orleans_asks_of_the_API_server()
    {
        var role = Manifests.Select(m => m.Manifest).Single(m => At<string>(m, "kind") is "Role");
        Assert.Equal(
            ["delete", "get", "list", "patch", "watch"], At<IList<object>>(role, "rules/0/verbs").Cast<string>().Order());
        Assert.All(Workloads, workload =>
        {
            Assert.Equal("soups-silo", At<string>(workload, "spec/template/spec/serviceAccountName"));
            Assert.Superset(
                new HashSet<string> { "POD_NAME", "POD_NAMESPACE", "POD_IP", "ORLEANS_SERVICE_ID", "ORLEANS_CLUSTER_ID" },
                Environment(workload).Select(e => At<string>(e, "name")).ToHashSet());
            var labels = At<IDictionary<object, object>>(workload, "spec/template/metadata/labels");
            Assert.Equal(("soups", "soups"), (labels["orleans/serviceId"], labels["orleans/clusterId"]));
        });
    }

    [Fact]
    public void Silos_fetch_weights_from_services_that_stand_for_each_pod()
    {
        var peers = Entries(At<object>(Yaml("kubernetes/base/settings.yaml"), "data"))
            .Where(e => e.Key.StartsWith("Soups__ExpertFiles__Peers", StringComparison.Ordinal))
            .Select(e => new Uri((string)e.Value)).ToArray();
        Assert.Equal(2, peers.Length);
        Assert.All(peers, peer =>
        {
            var service = Manifests.Select(m => m.Manifest).Single(m =>
                At<string>(m, "kind") is "Service" && At<string>(m, "metadata/name") == peer.Host);
            Assert.Equal("None", At<string>(service, "spec/clusterIP"));
            Assert.Equal(peer.Port.ToString(), At<string>(service, "spec/ports/0/port"));
        });
    }

    [Fact]
    public void A_variable_that_is_referred_to_stands_before_it() => Assert.All(Workloads, workload =>
    {
        var known = new HashSet<string>();
        foreach (var variable in Environment(workload))
        {
            if (Find(variable, "value") is string value && value.Contains("$(POD_NAME)", StringComparison.Ordinal))
                Assert.Contains("POD_NAME", known);
            known.Add(At<string>(variable, "name"));
        }
    });

    [Theory]
    [InlineData("base", 0)]
    [InlineData("overlays/gpu", 2)]
    public async Task Kubectl_puts_them_together(string folder, int accelerators)
    {
        ProcessStartInfo start = new("kubectl")
        {
            ArgumentList = { "kustomize", Path.Combine(Root, "kubernetes", folder) },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        Process? process = null;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("kubectl is not installed.");
        }

        using var ended = process;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await errors);
        var rendered = Documents(output);
        Assert.Equal(Manifests.Count, rendered.Count);
        Assert.Equal(accelerators, rendered.Count(m =>
            Find(m, $"{Container}/resources/limits") is IDictionary<object, object> limits
            && limits.ContainsKey("nvidia.com/gpu")));
        Assert.All(
            rendered.Where(m => At<string>(m, "kind") is not "Namespace"),
            m => Assert.Equal("soups", At<string>(m, "metadata/namespace")));
    }

    private const string Container = "spec/template/spec/containers/0";

    private static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(int.Parse(text, CultureInfo.InvariantCulture));

    private static object Policy(string name) => Manifests.Select(m => m.Manifest).Single(m =>
        At<string>(m, "kind") is "NetworkPolicy" && At<string>(m, "metadata/name") == name);

    private static IEnumerable<object> Environment(object workload) => At<IList<object>>(workload, $"{Container}/env");

    private static string Component(object workload) =>
        (string)At<IDictionary<object, object>>(workload, "spec/template/metadata/labels")["app.kubernetes.io/component"];

    private static bool Matches(object selector, object labels)
    {
        var has = Entries(labels).ToDictionary(e => e.Key, e => (string)e.Value);
        return Entries(selector).All(e => has.TryGetValue(e.Key, out var value) && value == (string)e.Value);
    }
}
