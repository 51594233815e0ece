#if ORLEANS
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using SoupsActors.Experts;
using SoupsActors.Generation;
using SoupsActors.Grains.Generation;
using SoupsActors.Grains.Placement;
using SoupsActors.Grains.Storage;
using SoupsActors.Grains.Tests.Generation;
using SoupsActors.Grains.Tests.Trainings;
using SoupsActors.Grains.Trainings;
using SoupsActors.Learning.Data;
using SoupsActors.Placement;
using SoupsActors.Preferences;
using SoupsActors.Testing;
using SoupsActors.Trainings;
using SoupsActors.Users;

namespace SoupsActors.Grains.Tests.Placement;

/// <summary>Five silos of Orleans with roles: where grains land, and what happens when one of them is lost.</summary>
public sealed class RoleClusterTests : IAsyncLifetime
{
    private static readonly (string Name, SiloRoles Roles)[] Silos =
    [
        ("gateway", SiloRoles.Gateway), ("gen-1", SiloRoles.Generator), ("gen-2", SiloRoles.Generator),
        ("trainer-1", SiloRoles.Trainer), ("trainer-2", SiloRoles.Trainer),
    ];

    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, FakeTextEngine> engines = new() { ["gen-1"] = new(), ["gen-2"] = new() };
    private readonly Dictionary<string, FakeTrainingDevice> trainers = new()
    {
        ["trainer-1"] = new(),
        ["trainer-2"] = new(),
    };

    // One database for all silos, as PostgreSQL would be.
    private readonly SqliteDatabase database;
    private InProcessTestCluster cluster = null!;

    public RoleClusterTests() => database = SqliteDatabase.Open(folder["soups.db"]);

    private IGrainFactory Grains => Silo("gateway").SiloHost.Services.GetRequiredService<IGrainFactory>();

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder((short)Silos.Length);
        builder.Options.ConfigureFileLogging = false;
        builder.Options.InitializeClientOnDeploy = false;
        builder.ConfigureSiloHost((options, host) =>
        {
            host.Logging.ClearProviders().SetMinimumLevel(LogLevel.None);
            Configure(host.Services, options.SiloName);
        });
        builder.ConfigureSilo((options, silo) =>
        {
            var (name, roles) = RolesOf(options.SiloName);
            silo.AddSoupsStorage();
            silo.AddSoupsPlacement(roles, roles.HasFlag(SiloRoles.Generator) ? [name] : []);
        });
        cluster = builder.Build();
        await cluster.DeployAsync();
        await Grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).Replace(
            [new Preference("P1A", "expertise", "child", "Say it simply.", "simple", "P1A")], TestSilo.Op());
        await Grains.GetGrain<IExpertGrain>("P1A").Publish(TestSilo.Weights("hash-1"), TestSilo.Op());
        await UntilAsync(async () => await KnownAsync() == 2);
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        database.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task grains_land_on_silos_with_their_role_and_their_device()
    {
        for (var i = 0; i < 20; i++)
            await Grains.GetGrain<IUserGrain>($"user {i}").Generate(Ask());
        foreach (var device in engines.Keys)
            await Grains.GetGrain<IGeneratorGrain>(device).Describe();
        for (var i = 0; i < 6; i++)
            await Grains.GetGrain<ITrainerGrain>($"P{i}").Describe();

        var places = (await Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics())
            .Select(found => (Grain: found.GrainId.ToString(), Silo: NameOf(found.SiloAddress)))
            .ToArray();
        Assert.Equal(20, Of("user/").Length);
        Assert.All(Of("user/"), place => Assert.Equal("gateway", place.Silo));
        Assert.All(Of("expert/"), place => Assert.Equal("gateway", place.Silo));
        Assert.Equal(6, Of("trainer/").Length);
        Assert.All(Of("trainer/"), place => Assert.StartsWith("trainer-", place.Silo, StringComparison.Ordinal));
        Assert.Equal(["generator/gen-1", "generator/gen-2"], Of("generator/").Select(p => p.Grain).Order());
        Assert.All(Of("generator/"), place => Assert.Equal($"generator/{place.Silo}", place.Grain));

        (string Grain, string Silo)[] Of(string prefix) =>
            [.. places.Where(place => place.Grain.StartsWith(prefix, StringComparison.Ordinal))];
    }

    [Fact]
    public async Task an_answer_goes_on_at_another_generator_when_its_silo_is_killed()
    {
        foreach (var engine in engines.Values)
            engine.Permits = Channel.CreateUnbounded<bool>();
        var answer = ReadAsync();
        await UntilAsync(() => Task.FromResult(engines.Values.Any(e => e.Rows == 1)));
        var (lost, left) = engines["gen-1"].Rows == 1 ? ("gen-1", "gen-2") : ("gen-2", "gen-1");
        engines[lost].Permits!.Writer.TryWrite(true);
        await UntilAsync(() => Task.FromResult(received == 1));
        for (var i = 0; i < FakeTextEngine.Words.Length; i++)
            engines[left].Permits!.Writer.TryWrite(true);
        await Silo(lost).StopSiloAsync(stopGracefully: false);

        Assert.Equal("one two three", await answer);
        Assert.Equal([0], Assert.Single(engines[left].Requests).Continuation);
        Assert.Equal(engines[lost].Requests.First().Seed, engines[left].Requests.First().Seed);
        Assert.Equal("one two three", (await Grains.GetGrain<IUserGrain>("bob").Generate(Unlimited(left))).Text);
    }

    [Fact]
    public async Task without_a_trainer_silo_trainings_are_refused_and_answers_go_on()
    {
        await Silo("trainer-1").StopSiloAsync(stopGracefully: true);
        await Silo("trainer-2").StopSiloAsync(stopGracefully: true);
        await Assert.ThrowsAnyAsync<OrleansException>(() => Grains.GetGrain<ITrainerGrain>("P9").Describe());
        Assert.Equal("one two three", (await Grains.GetGrain<IUserGrain>("bob").Generate(Ask())).Text);
    }

    [Fact]
    public async Task a_training_goes_on_at_another_silo_when_its_own_is_killed()
    {
        var trainer = Grains.GetGrain<ITrainerGrain>("P1A");
        var started = await trainer.Start(new TrainingRequest { Judge = TrainingJudge.Reward }, TestSilo.Op());
        var (lost, left) = trainers["trainer-1"].Jobs.Count == 1
            ? ("trainer-1", "trainer-2")
            : ("trainer-2", "trainer-1");
        await Silo(lost).StopSiloAsync(stopGracefully: false);
        TrainingStatus? found = null;
        await UntilAsync(async () =>
        {
            // A reminder would wake it within a minute.
            try
            {
                found = await trainer.Describe();
            }
            catch (Exception error) when (LostCalls.Is(error))
            {
            }

            return trainers[left].Jobs.Count == 1;
        });
        Assert.Equal(started.Id, found?.Id);
        Assert.Equal(started.Id, trainers[left].Job.Training.Id);
    }

    private int received;

    private static TextRequest Ask() => new()
    {
        Messages = [new ChatMessage("user", "hi")],
        Soup = new SoupOverride { Mix = new() { ["P1A"] = 1 } },
    };

    private async Task<string> ReadAsync()
    {
        var text = "";
        await foreach (var piece in Grains.GetGrain<IUserGrain>("alice").Stream(Ask()))
        {
            text += piece.Text;
            Interlocked.Increment(ref received);
        }

        return text;
    }

    private TextRequest Unlimited(string generator)
    {
        engines[generator].Permits = null;
        return Ask();
    }

    private void Configure(IServiceCollection services, string silo)
    {
        var (name, roles) = RolesOf(silo);
        services.AddSingleton(database);
        services.AddSoupsGrains();
        services.Configure<PlacementOptions>(options =>
        {
            options.ReportPeriod = TimeSpan.FromMilliseconds(100);
            options.SilenceLimit = TimeSpan.FromSeconds(1);
        });
        if (roles.HasFlag(SiloRoles.Generator))
            services.AddSingleton(new GeneratorDevice(name, engines[name]));
        if (!roles.HasFlag(SiloRoles.Trainer))
            return;
        services.AddSingleton<ITrainingDevice>(trainers[name]);
        services.AddSingleton<IComparisonSource>(new FakeComparisons());
        services.AddSingleton<ITrainingGuide, TrainingGuide>();
        services.AddOptions<TrainingOptions>();
    }

    private InProcessSiloHandle Silo(string name) => cluster.Silos.Single(s => RolesOf(s.Name).Name == name);

    private string NameOf(SiloAddress address) =>
        RolesOf(cluster.Silos.Single(s => s.SiloAddress.Equals(address)).Name).Name;

    // The test cluster names silos by their number.
    private static (string Name, SiloRoles Roles) RolesOf(string silo) =>
        Silos[int.Parse(new string([.. silo.Where(char.IsDigit)])) % Silos.Length];

    private async Task<int> KnownAsync()
    {
        var directory = Silo("gateway").SiloHost.Services.GetRequiredService<GeneratorDirectory>();
        await directory.ExchangeAsync();
        return (await directory.ListAsync()).Count;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
            await Task.Delay(20, TestContext.Current.CancellationToken);
    }
}
#else
namespace SoupsActors.Grains.Tests.Placement;

/// <summary>Needs a cluster, which the in-process host is not.</summary>
public sealed class RoleClusterTests
{
    [Fact]
    public void grains_land_on_silos_with_their_role_and_their_device() =>
        Assert.Skip("Several silos need the build with -p:ActorHost=Orleans.");
}
#endif
