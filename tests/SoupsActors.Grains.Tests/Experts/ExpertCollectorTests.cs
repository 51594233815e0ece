using Microsoft.Extensions.Options;
using SoupsActors.Experts;
using SoupsActors.Grains.Experts;
using SoupsActors.Grains.Tests.Trainings;
using SoupsActors.Models.Experts;
using SoupsActors.Testing;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Tests.Experts;

public sealed class ExpertCollectorTests : IDisposable
{
    private static readonly TimeSpan Retention = TimeSpan.FromHours(1);

    private readonly TemporaryFolder folder = new();
    private readonly ManualTimeProvider clock = new();
    private readonly TinyModel model;
    private readonly ExpertStore store;
    private readonly Uses uses = new();
    private readonly ExpertCollector collector;

    public ExpertCollectorTests()
    {
        model = TinyModel.Create(folder["model"]);
        store = Open();
        collector = new ExpertCollector(
            store, uses, Options.Create(new ExpertFileOptions { UnusedRetention = Retention }), clock);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task what_a_version_names_stays_and_what_nobody_names_goes_after_a_while()
    {
        var (used, unused) = (await AdmitAsync(1), await AdmitAsync(2));
        uses.Add(used.Hash);
        clock.Advance(Retention * 2);
        Assert.Equal(0, await CollectAsync());
        clock.Advance(Retention / 2);
        Assert.Equal(0, await CollectAsync());
        clock.Advance(Retention / 2);
        Assert.Equal(1, await CollectAsync());
        Assert.NotNull(store.Find(used.Hash));
        Assert.Null(store.Find(unused.Hash));
    }

    [Fact]
    public async Task a_version_that_was_just_removed_serves_requests_that_hold_a_lease()
    {
        var removed = await AdmitAsync(1);
        uses.Add(removed.Hash);
        clock.Advance(Retention * 100);
        await CollectAsync();
        uses.Clear();
        await CollectAsync();
        clock.Advance(ExpertGrain.LeaseDuration);
        Assert.Equal(0, await CollectAsync());
        Assert.Equal(removed.Hash, store.Load(Lease(removed)).Hash);
    }

    [Fact]
    public async Task weights_registered_again_while_the_uses_are_being_asked_for_stay()
    {
        var admitted = await AdmitAsync(1);
        await CollectAsync();
        clock.Advance(Retention * 2);

        // Admitted, but not yet published: the answer of the registry does not know of it.
        uses.WhileAsking = () => AdmitAsync(1);
        Assert.Equal(0, await CollectAsync());
        Assert.NotNull(store.Find(admitted.Hash));
    }

    [Fact]
    public async Task weights_asked_for_between_the_look_and_the_deletion_come_back()
    {
        var admitted = await AdmitAsync(1);
        clock.Advance(Retention * 2);
        var before = clock.GetUtcNow() - Retention;
        Assert.NotNull(store.Find(admitted.Hash));
        Assert.False(store.TryRemove(admitted.Hash, before));
        Assert.NotNull(store.Find(admitted.Hash));
    }

    [Fact]
    public async Task many_who_admit_and_collect_at_once_never_lose_weights_that_were_admitted_last()
    {
        // Everything is old at once, so that each round is a race between one removal and one admission.
        var shared = folder["shared"];
        for (var round = 0; round < 40; round++)
        {
            var (mine, theirs) = (Open(shared), Open(shared));
            var admitted = await AdmitAsync(1, mine);
            clock.Advance(Retention * 2);
            var before = clock.GetUtcNow() - Retention;
            await Task.WhenAll(
                Task.Run(() => theirs.TryRemove(admitted.Hash, before)),
                Task.Run(() => AdmitAsync(1, mine)));
            Assert.NotNull(mine.Find(admitted.Hash));
            Assert.Equal(admitted.Hash, mine.Load(Lease(admitted)).Hash);
        }
    }

    [Fact]
    public async Task nothing_is_deleted_when_the_uses_cannot_be_learnt()
    {
        var admitted = await AdmitAsync(1);
        await CollectAsync();
        clock.Advance(Retention * 2);
        uses.WhileAsking = () => throw new SoupsException(SoupsError.Unavailable, "away", "storage_unavailable");
        await Assert.ThrowsAsync<SoupsException>(CollectAsync);
        Assert.NotNull(store.Find(admitted.Hash));
    }

    [Fact]
    public async Task the_versions_of_all_experts_and_what_trainings_start_from_are_in_use()
    {
        var silo = new TrainerSilo();
        await using var _ = silo;
        await silo.InitializeAsync();
        await silo.Expert("other").Publish(TestSilo.Weights("hash-2"), TestSilo.Op());
        await silo.Expert("other").Publish(TestSilo.Weights("hash-3"), TestSilo.Op());
        await silo.Expert("other").Pin(1, TestSilo.Op());
        Assert.Equal(["hash-1", "hash-2", "hash-3"], await HashesAsync());
        await silo.Trainer().Start(new TrainingRequest(), TestSilo.Op());
        await silo.Expert().Remove(TestSilo.Op());
        await silo.Expert("other").Remove(TestSilo.Op());
        Assert.Equal(["hash-1"], await HashesAsync());

        async Task<IEnumerable<string>> HashesAsync() =>
            (await new GrainExpertUse(silo.Grains).HashesAsync()).Order(StringComparer.Ordinal);
    }

    private Task<int> CollectAsync() => collector.CollectAsync(TestContext.Current.CancellationToken);

    private ExpertStore Open(string? shared = null) => new(
        folder["data"], path => AdapterFolder.Load(path, model.Config, model.BaseHash).Expert, shared, clock);

    private async Task<AdmittedExpert> AdmitAsync(int seed, ExpertStore? to = null)
    {
        var source = folder[$"in{seed}"];
        if (!Directory.Exists(source))
            model.WriteExpert(source, "kind", seed);
        return await (to ?? store).AdmitAsync(source, TestContext.Current.CancellationToken);
    }

    private static ExpertLease Lease(AdmittedExpert expert) => new(
        "lease", "kind", 1, expert.Hash, expert.Path, expert.BaseHash, expert.Preference, DateTimeOffset.MaxValue);

    private sealed class Uses : HashSet<string>, IExpertUse
    {
        public Func<Task>? WhileAsking { get; set; }

        public async Task<IReadOnlySet<string>> HashesAsync()
        {
            if (WhileAsking is { } act)
                await act();
            return this;
        }
    }
}
