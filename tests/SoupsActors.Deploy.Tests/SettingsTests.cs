using Microsoft.Extensions.Configuration;
using SoupsActors.Silo.Hosting;
using static SoupsActors.Deploy.Tests.DeployFolder;

namespace SoupsActors.Deploy.Tests;

/// <summary>Whether every setting in <c>deploy/</c> is one that the program knows, with a value that it takes.</summary>
public sealed class SettingsTests
{
    private const string Prefix = "Soups__";

    /// <summary>The settings of every silo, as its environment has them.</summary>
    public static TheoryData<string, IReadOnlyDictionary<string, string>> Silos { get; } = new(Compose().Concat(Pods()));

    [Theory]
    [MemberData(nameof(Silos))]
    public void Settings_are_known_and_in_range(string silo, IReadOnlyDictionary<string, string> environment)
    {
        var options = new SoupsOptions();
        Configuration(environment).GetSection(SoupsOptions.Section)
            .Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        Assert.Contains(options.SiloRoles.ToString().ToLowerInvariant(), silo, StringComparison.Ordinal);
        Assert.True(options.Cluster.IsCluster);

        // A build without Orleans refuses clusters, and single processes need roles that silos of a cluster share.
        options.Cluster.Membership = Clustering.ClusterOptions.Localhost;
        options.Cluster.Kubernetes = false;
        options.Roles = null;
        var result = new SoupsOptionsValidator().Validate(null, options);
        Assert.True(result.Succeeded, result.FailureMessage);
    }

    [Fact]
    public void Connections_of_all_silos_fit_a_PostgreSQL_that_nobody_has_changed()
    {
        var most = 0;
        foreach (var (_, environment) in Compose())
        {
            var options = new SoupsOptions();
            Configuration(environment).GetSection(SoupsOptions.Section).Bind(options);
            most += options.Storage.MaxConnections + options.Cluster.MaxConnections;
        }

        Assert.InRange(most, 1, 90);
    }

    [Fact]
    public void A_misspelt_setting_would_be_found() => Assert.Throws<InvalidOperationException>(() =>
        Configuration(new Dictionary<string, string> { ["Soups__Storage__Provder"] = "PostgreSql" })
            .GetSection(SoupsOptions.Section)
            .Bind(new SoupsOptions(), binder => binder.ErrorOnUnknownConfiguration = true));

    private static IConfigurationRoot Configuration(IReadOnlyDictionary<string, string> environment) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(environment
                .Where(e => e.Key.StartsWith(Prefix, StringComparison.Ordinal))
                .Select(e => KeyValuePair.Create(e.Key.Replace("__", ":", StringComparison.Ordinal), (string?)e.Value)))
            .Build();

    private static IEnumerable<(string Silo, IReadOnlyDictionary<string, string> Environment)> Compose() =>
        Entries(At<object>(Yaml("compose.yaml"), "services"))
            .Where(service => Find(service.Value, "environment/Soups__Roles") is not null)
            .Select(service => (
                $"compose {service.Key}",
                (IReadOnlyDictionary<string, string>)Entries(Find(service.Value, "environment"))
                    .ToDictionary(e => e.Key, e => Filled((string)e.Value))));

    private static IEnumerable<(string Silo, IReadOnlyDictionary<string, string> Environment)> Pods()
    {
        var shared = Entries(At<object>(Yaml("kubernetes/base/settings.yaml"), "data")).ToArray();
        foreach (var workload in Workloads)
        {
            var environment = shared.ToDictionary(e => e.Key, e => (string)e.Value);
            foreach (var variable in At<IList<object>>(workload, "spec/template/spec/containers/0/env"))
                environment[At<string>(variable, "name")] = Find(variable, "value") is string value
                    ? value.Replace("$(POD_NAME)", "soups-0", StringComparison.Ordinal)
                    : Filled(At<string>(variable, "name"));
            yield return ($"kubernetes {At<string>(workload, "metadata/name")}", environment);
        }
    }

    // What the operator gives: a password, a key, a connection string.
    private static string Filled(string value) =>
        value.EndsWith("ConnectionString", StringComparison.Ordinal)
            ? "Host=db;Database=soups;Username=soups;Password=secret"
            : System.Text.RegularExpressions.Regex.Replace(value, @"\$\{[^}]+\}", "secret");
}
