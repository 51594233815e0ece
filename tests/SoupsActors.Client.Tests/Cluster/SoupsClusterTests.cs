using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using SoupsActors.Client.Cluster;
using SoupsActors.Generation;
using SoupsActors.Grains;
using SoupsActors.Grains.Placement;
using SoupsActors.Grains.Storage;
using SoupsActors.Testing;
using SoupsActors.Testing.Hosting;
using SoupsActors.Users;

namespace SoupsActors.Client.Tests.Cluster;

/// <summary>Users called as grains, over a way that loses calls.</summary>
public sealed class SoupsClusterTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly LossyWay way = new();
    private GrainTestHost host = null!;

    private SoupsCluster Cluster => host.Services.GetRequiredService<SoupsCluster>();

    public async ValueTask InitializeAsync() => host = await GrainTestHost.StartAsync(
        TimeProvider.System,
        services =>
        {
            services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
            services.AddSingleton(_ => SqliteDatabase.Open(folder["soups.db"]));
            services.AddSoupsGrains();
            services.AddSoupsCluster(options => options.RetryDelay = TimeSpan.Zero);
            services.AddSingleton<IOutgoingGrainCallFilter>(way);
        },
        silo => silo.AddMemoryGrainStorage(GrainStorageNames.Soups).AddSoupsPlacement(SiloRoles.All));

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task a_write_whose_answer_is_lost_is_made_again_and_applied_once()
    {
        var alice = Cluster.User("alice");
        way.Lose(nameof(IUserGrain.SetProfile), times: 2);
        var written = await alice.SetProfileAsync(new SoupProfile { Normalize = true });
        Assert.Equal(3, way.Calls);
        Assert.True(written.Profile.Normalize);
        var read = await alice.GetProfileAsync();
        Assert.Equal(written.ETag, read.ETag);
    }

    [Fact]
    public async Task a_conditional_write_that_was_applied_does_not_end_in_a_conflict_with_itself()
    {
        var alice = Cluster.User("alice");
        var before = await alice.GetProfileAsync();
        way.Lose(nameof(IUserGrain.SetProfile), times: 1);
        await alice.SetProfileAsync(new SoupProfile { Normalize = true }, before.ETag);
        var error = await Assert.ThrowsAsync<SoupsException>(
            () => alice.SetProfileAsync(new SoupProfile(), before.ETag));
        Assert.Equal("etag_mismatch", error.Code);
    }

    [Fact]
    public async Task attempts_end_and_the_last_failure_is_told()
    {
        way.Lose(nameof(IUserGrain.GetProfile), times: 100);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => Cluster.User("alice").GetProfileAsync());
        Assert.Equal(new SoupsClientOptions().Attempts, way.Calls);
    }

    [Fact]
    public async Task a_refusal_that_may_pass_is_asked_again_and_one_that_stays_is_not()
    {
        var request = new TextRequest { Messages = [new("user", "hi")] };
        way.Lose(nameof(IUserGrain.Generate), times: 0);
        var error = await Assert.ThrowsAsync<SoupsException>(() => Cluster.User("alice").AskAsync(request));
        Assert.Equal(("no_generator", 4), (error.Code, way.Calls));
        way.Lose(nameof(IUserGrain.Generate), times: 0);
        error = await Assert.ThrowsAsync<SoupsException>(() => Cluster.User("alice").AskAsync(new TextRequest()));
        Assert.Equal(("invalid_request", 1), (error.Code, way.Calls));
    }

    [Fact]
    public async Task a_request_that_is_asked_again_asks_for_the_same_answer()
    {
        var request = new TextRequest { Messages = [new("user", "hi")] };
        way.Lose(nameof(IUserGrain.Generate), times: 0);
        await Assert.ThrowsAsync<SoupsException>(() => Cluster.User("alice").AskAsync(request));
        Assert.Equal(4, way.Requests.Count);
        Assert.NotNull(Assert.Single(way.Requests.Select(r => r.Seed).Distinct()));
        Assert.NotNull(Assert.Single(way.Requests.Select(r => r.OperationId).Distinct()));
    }

    [Fact]
    public async Task a_write_that_storage_refused_for_the_moment_is_made_again()
    {
        way.Refuse(
            nameof(IUserGrain.SetProfile),
            new SoupsException(SoupsError.Unavailable, "The database cannot be reached.", "storage_unavailable"));
        var written = await Cluster.User("alice").SetProfileAsync(new SoupProfile { Normalize = true });
        Assert.True(written.Profile.Normalize);
        Assert.Equal(2, way.Calls);
    }

    [Fact]
    public async Task a_stream_is_refused_as_it_begins()
    {
        var stream = Cluster.User("alice").StreamAsync(new TextRequest { Messages = [new("user", "hi")] });
        var error = await Assert.ThrowsAsync<SoupsException>(async () =>
        {
            await foreach (var piece in stream)
                Assert.Fail($"There is nobody to say '{piece.Text}'.");
        });
        Assert.Equal("no_generator", error.Code);
    }

    [Fact]
    public void connecting_names_what_is_wrong_with_the_settings()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Soups:Cluster:SiloPort"] = "0";
        var error = Assert.Throws<OptionsValidationException>(() => builder.AddSoupsClient());
        Assert.Contains("Soups:Cluster:SiloPort is '0'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void a_build_of_one_process_says_how_to_reach_a_cluster()
    {
        if (ClusterConnection.CanConnect)
            Assert.Skip("This build connects to clusters.");
        var error = Assert.Throws<OptionsValidationException>(
            () => Host.CreateEmptyApplicationBuilder(null).AddSoupsClient());
        Assert.Contains("-p:ActorHost=Orleans", error.Message, StringComparison.Ordinal);
        Assert.Contains("over HTTP", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Lets calls through and loses their answers, as a silo does that is killed after it has written.</summary>
    private sealed class LossyWay : IOutgoingGrainCallFilter
    {
        private string? method;
        private int losses;
        private SoupsException? refusal;

        public int Calls { get; private set; }

        public List<TextRequest> Requests { get; } = [];

        public void Lose(string name, int times) => (method, losses, Calls) = (name, times, 0);

        /// <summary>The next call is refused in place of being made.</summary>
        public void Refuse(string name, SoupsException error) =>
            (method, losses, Calls, refusal) = (name, 0, 0, error);

        public async Task Invoke(IOutgoingGrainCallContext context)
        {
            if (context.InterfaceMethod.Name == method && refusal is { } error)
            {
                Calls++;
                refusal = null;
                throw error;
            }

            await CountAsync(context);
            if (context.InterfaceMethod.Name == method && losses-- > 0)
                throw new SiloUnavailableException("The silo was lost.");
        }

        private Task CountAsync(IOutgoingGrainCallContext context)
        {
            if (context.InterfaceMethod.Name == method)
                Calls++;
            if (context.Request.GetArgumentCount() > 0 && context.Request.GetArgument(0) is TextRequest request)
                Requests.Add(request);
            return context.Invoke();
        }
    }
}
