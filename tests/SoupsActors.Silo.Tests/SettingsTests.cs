using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SoupsActors.Grains.Storage;
using SoupsActors.Silo.Hosting;
using SoupsActors.Silo.Hosting.Clustering;
using SoupsActors.Testing;
using SoupsActors.Testing.Hosting;

namespace SoupsActors.Silo.Tests;

public sealed class SettingsTests
{
    public static TheoryData<SoupsOptions, string> Wrong => new()
    {
        { new() { Device = "toaster" }, "Soups:Device" },
        { new() { Threads = 0 }, "Soups:Threads" },
        { new() { CacheTokens = 1 }, "Soups:CacheTokens" },
        { new() { DefaultMaxTokens = 0 }, "Soups:DefaultMaxTokens" },
        { new() { HistoryLimit = -1 }, "Soups:HistoryLimit" },
        { new() { MaxRequestBytes = 10 }, "Soups:MaxRequestBytes" },
        { new() { Model = "/nowhere" }, "Soups:Model" },
        { new() { ImportDirectory = "/nowhere" }, "Soups:ImportDirectory" },
        { new() { ApiKey = " " }, "Soups:ApiKey" },
        { new() { Engine = new() { MaxSequences = 0 } }, "Soups:Engine" },
        { new() { ShutdownTimeout = TimeSpan.Zero }, "Soups:ShutdownTimeout" },
        { new() { ShutdownTimeout = TimeSpan.FromDays(1) }, "Soups:ShutdownTimeout" },
        { new() { Roles = "gateway,oracle" }, "Soups:Roles: 'oracle' is no role" },
        { new() { Roles = "gateway" }, "Soups:Roles is 'gateway', but a single process" },
        { new() { Name = "a/b" }, "Soups:Name" },
        { new() { Placement = new() { Attempts = 0 } }, "Soups:Placement:Attempts" },
        { new() { Cluster = new() { SiloPort = 0 } }, "Soups:Cluster:SiloPort" },
        { new() { Cluster = new() { GatewayPort = 11111 } }, "Soups:Cluster:GatewayPort" },
        { new() { Cluster = new() { AdvertisedAddress = "here" } }, "Soups:Cluster:AdvertisedAddress" },
        { new() { Cluster = new() { ClusterId = "" } }, "Soups:Cluster:ClusterId" },
        { new() { Cluster = new() { MaxConnections = 0 } }, "Soups:Cluster:MaxConnections" },
        { new() { Cluster = new() { ProbeTimeout = TimeSpan.Zero } }, "Soups:Cluster:ProbeTimeout" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void a_wrong_setting_is_named(SoupsOptions options, string setting)
    {
        var result = new SoupsOptionsValidator().Validate(null, options);
        Assert.StartsWith(setting, Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    [Fact]
    public void a_cluster_is_refused_by_a_build_that_runs_one_process()
    {
        Assert.SkipWhen(ClusterHost.CanCluster, "This build joins clusters.");
        var result = new SoupsOptionsValidator().Validate(null, new() { Cluster = new() { Membership = "AdoNet" } });
        Assert.Contains("-p:ActorHost=Orleans", Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    [Fact]
    public void silos_of_a_cluster_share_their_storage()
    {
        Assert.SkipUnless(
            ClusterHost.CanCluster, "This build runs grains in one process; build with -p:ActorHost=Orleans.");
        SoupsOptions options = new() { Cluster = new() { Membership = "AdoNet" } };
        var result = new SoupsOptionsValidator().Validate(null, options);
        Assert.StartsWith("Soups:Storage:Provider", Assert.Single(result.Failures!), StringComparison.Ordinal);
        (options.Storage.Provider, options.Storage.ConnectionString) = (StorageProviders.PostgreSql, "Host=db");
        Assert.True(new SoupsOptionsValidator().Validate(null, options).Succeeded);
    }

    [Fact]
    public void the_defaults_are_right() => Assert.True(new SoupsOptionsValidator().Validate(null, new()).Succeeded);

    [Fact]
    public void data_is_kept_below_the_users_local_application_data()
    {
        Assert.Equal("soups-data", Path.GetFileName(new SoupsOptions().DataPath));
        Assert.True(Path.IsPathFullyQualified(new SoupsOptions().DataPath));
    }

    [Fact]
    public async Task a_server_with_wrong_settings_does_not_start()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync("--Soups:Threads=0"));
        Assert.Contains("Soups:Threads", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_misspelt_setting_is_refused()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync("--Soups:Thread=1"));
        Assert.Contains("Thread", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_damaged_model_stops_the_server_and_its_reason_is_told()
    {
        using var folder = new TemporaryFolder();
        TinyModel.Create(folder["model"]);
        await using (var file = File.OpenWrite(folder["model/model.safetensors"]))
            file.SetLength(file.Length / 2);
        await using var app = SoupsHost.Build(
        [
            "--urls", "http://127.0.0.1:0", $"--Soups:Model={folder["model"]}",
            $"--Soups:DataDirectory={folder["data"]}",
            "--Logging:LogLevel:Default=None",
            .. LocalSilo.Ports(),
        ]);
        await app.StartAsync();
        await app.WaitForShutdownAsync();
        var state = app.Services.GetRequiredService<StartupState>();
        Assert.True(state.HasFailed);
        Assert.Contains("model.safetensors", state.Reason!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task two_servers_do_not_share_a_data_directory()
    {
        using var folder = new TemporaryFolder();
        TinyModel.Create(folder["model"]);
        string[] settings =
        [
            "--urls", "http://127.0.0.1:0", $"--Soups:Model={folder["model"]}",
            $"--Soups:DataDirectory={folder["data"]}",
            "--Logging:LogLevel:Default=None",
            .. LocalSilo.Ports(),
        ];
        await using var first = SoupsHost.Build(settings);
        await first.StartAsync();
        await using var second = SoupsHost.Build(settings);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => second.StartAsync());
        Assert.Contains("Another server", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "gateway,generator,trainer")]
    [InlineData("trainer", "trainer")]
    public void telemetry_tells_a_silos_roles(string? roles, string told) => Assert.Equal(
        told,
        Telemetry.About(new() { Roles = roles }).Build().Attributes.Single(about => about.Key == "soups.role").Value);

    private static async Task StartAsync(string setting)
    {
        await using var app = SoupsHost.Build(["--urls", "http://127.0.0.1:0", .. LocalSilo.Ports(), setting]);
        await app.StartAsync();
    }
}
