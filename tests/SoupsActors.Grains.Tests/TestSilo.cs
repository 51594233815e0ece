using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using SoupsActors.Experts;
using SoupsActors.Feedback;
using SoupsActors.Generation;
using SoupsActors.Grains.Feedback;
using SoupsActors.Grains.Generation;
using SoupsActors.Grains.Placement;
using SoupsActors.Grains.Storage;
using SoupsActors.Grains.Tests.Generation;
using SoupsActors.Preferences;
using SoupsActors.Testing;
using SoupsActors.Testing.Hosting;
using SoupsActors.Users;

namespace SoupsActors.Grains.Tests;

/// <summary>All grains on a silo with a fake engine and a clock that tests move.</summary>
public class TestSilo : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly string[] generators;
    private GrainTestHost host = null!;

    public TestSilo()
        : this(GeneratorKeys.Default)
    {
    }

    /// <summary>With a fake device for each of these generators.</summary>
    internal TestSilo(params string[] generators)
    {
        this.generators = generators;
        Engines = generators.ToDictionary(key => key, _ => new FakeTextEngine());
    }

    internal IReadOnlyDictionary<string, FakeTextEngine> Engines { get; }

    internal FakeTextEngine Engine => Engines.Values.First();

    internal ManualTimeProvider Clock { get; } = new();

    /// <summary>What is kept of answers; tests may change it.</summary>
    internal InteractionOptions Interactions => host.Services.GetRequiredService<IOptions<InteractionOptions>>().Value;

    internal IServiceProvider Services => host.Services;

    public IGrainFactory Grains => host.Grains;

    public IUserGrain User(string id) => Grains.GetGrain<IUserGrain>(id);

    public IExpertGrain Expert(string id) => Grains.GetGrain<IExpertGrain>(id);

    public IFeedbackGrain Feedback(string user) => Grains.GetGrain<IFeedbackGrain>(user);

    public IFeedbackLogGrain FeedbackLog => Grains.GetGrain<IFeedbackLogGrain>(0);

    public IPreferenceCatalogGrain Catalog => Grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key);

    public IExpertRegistryGrain Registry => Grains.GetGrain<IExpertRegistryGrain>(IExpertRegistryGrain.Key);

    /// <summary>An id for a write.</summary>
    public static string Op() => Guid.NewGuid().ToString("N");

    /// <summary>Weights that exist only by name.</summary>
    public static AdmittedExpert Weights(string hash, string? preference = null) =>
        new(hash, $"experts/{hash}", "base-hash", 4, ["q_proj"], preference, []);

    public async ValueTask InitializeAsync()
    {
        await PrepareStorageAsync();
        host = await GrainTestHost.StartAsync(
            Clock,
            services =>
            {
                foreach (var (key, engine) in Engines)
                    services.AddSingleton(new GeneratorDevice(key, engine));
                services.AddSingleton(_ => SqliteDatabase.Open(folder["soups.db"]));
                services.AddSoupsGrains();
            },
            silo =>
            {
                AddStorage(silo);
                silo.AddSoupsPlacement(SiloRoles.All, generators);
            });
        await Catalog.Replace(
            [
                new Preference("P1A", "expertise", "child", "Say it simply.", "simple", "P1A"),
                new Preference("P2B", "informativeness", "full", "Say it all.", "full", "full-expert"),
                new Preference("P3A", "style", "friendly", "Be kind.", "kind", "absent"),
            ],
            Op());
        await Expert("P1A").Publish(Weights("hash-1"), Op());
        await Expert("full-expert").Publish(Weights("hash-2"), Op());
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (host is not null)
            await host.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>Runs before the silo is built.</summary>
    protected virtual Task PrepareStorageAsync() => Task.CompletedTask;

    /// <summary>State in memory, feedback in a file.</summary>
    protected virtual void AddStorage(ISiloBuilder silo) => silo.AddMemoryGrainStorage(GrainStorageNames.Soups);
}
