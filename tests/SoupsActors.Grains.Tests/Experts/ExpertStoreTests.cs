using SoupsActors.Experts;
using SoupsActors.Grains.Device;
using SoupsActors.Grains.Experts;
using SoupsActors.Models.Experts;
using SoupsActors.Testing;

namespace SoupsActors.Grains.Tests.Experts;

public sealed class ExpertStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TinyModel model;
    private int reads;

    public ExpertStoreTests() => model = TinyModel.Create(folder["model"]);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task an_admitted_expert_has_its_contents_hash_as_its_place()
    {
        var expert = model.WriteExpert(folder["in"], "kind", 5);
        var admitted = await Store().AdmitAsync(folder["in"], TestContext.Current.CancellationToken);
        Assert.Equal((expert.Hash, $"experts/{expert.Hash}", 4), (admitted.Hash, admitted.Path, admitted.Rank));
        Assert.Equal((model.BaseHash, "kind", "random"), (admitted.BaseHash, admitted.Preference,
            admitted.Provenance["method"]));
        Assert.Equal(7, admitted.Targets.Length);
        Assert.Equal(
            ["adapter_config.json", "adapter_model.safetensors", "soups.json"],
            Directory.GetFiles(folder[$"data/{admitted.Path}"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task the_same_weights_are_kept_once_even_when_admitted_at_once()
    {
        model.WriteExpert(folder["in"], "kind", 5);
        var store = Store();
        var all = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => store.AdmitAsync(folder["in"])));
        Assert.Single(all.Select(a => a.Hash).Distinct());
        Assert.Single(Directory.GetDirectories(folder["data/experts"]));
    }

    [Fact]
    public async Task the_source_may_change_or_vanish_afterwards()
    {
        model.WriteExpert(folder["in"], "kind", 5);
        var store = Store();
        var admitted = await store.AdmitAsync(folder["in"], TestContext.Current.CancellationToken);
        Directory.Delete(folder["in"], recursive: true);
        Assert.Equal(admitted.Hash, store.Load(Lease(admitted)).Hash);
    }

    [Fact]
    public async Task weights_that_changed_on_disk_are_not_used()
    {
        model.WriteExpert(folder["in"], "kind", 5);
        model.WriteExpert(folder["other"], "kind", 6);
        var store = Store();
        var admitted = await store.AdmitAsync(folder["in"], TestContext.Current.CancellationToken);
        foreach (var file in Directory.GetFiles(folder["other"]))
            File.Copy(file, Path.Combine(folder[$"data/{admitted.Path}"], Path.GetFileName(file)), overwrite: true);
        Assert.Equal("damaged_expert", Assert.Throws<SoupsException>(() => store.Load(Lease(admitted))).Code);
    }

    [Fact]
    public void leftovers_of_an_interrupted_admission_are_dropped()
    {
        Directory.CreateDirectory(folder["data/experts/.incoming-1"]);
        File.WriteAllText(folder["data/experts/.incoming-1/part"], "");
        Store();
        Assert.Empty(Directory.GetDirectories(folder["data/experts"]));
    }

    [Fact]
    public async Task an_expert_of_another_base_is_refused_and_leaves_nothing()
    {
        model.WriteExpert(folder["in"], "kind", 5, baseHash: new string('0', 64));
        var error = await Assert.ThrowsAsync<SoupsException>(() => Store().AdmitAsync(folder["in"]));
        Assert.Equal("expert_mismatch", error.Code);
        Assert.Empty(Directory.GetDirectories(folder["data/experts"]));
    }

    [Fact]
    public async Task readers_of_one_expert_share_one_reading_and_the_longest_unused_goes_first()
    {
        var store = Store();
        var leases = new List<ExpertLease>();
        for (var i = 0; i < 3; i++)
        {
            model.WriteExpert(folder[$"in{i}"], $"e{i}", i);
            leases.Add(Lease(await store.AdmitAsync(folder[$"in{i}"], TestContext.Current.CancellationToken)));
        }

        var cache = new ExpertCache(store, new LocalExpertFiles(store), capacity: 2);
        reads = 0;
        var loaded = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => cache.GetAsync(leases[0])));
        Assert.All(loaded, e => Assert.Same(loaded[0], e));
        await cache.GetAsync(leases[1]);
        await cache.GetAsync(leases[0]);
        await cache.GetAsync(leases[2]);
        Assert.Equal(3, reads);
        await cache.GetAsync(leases[0]);
        Assert.Equal(3, reads);
        await cache.GetAsync(leases[1]);
        Assert.Equal(4, reads);
    }

    [Fact]
    public async Task an_expert_that_could_not_be_read_is_tried_again()
    {
        model.WriteExpert(folder["in"], "kind", 5);
        var store = Store();
        var lease = Lease(await store.AdmitAsync(folder["in"], TestContext.Current.CancellationToken));
        var cache = new ExpertCache(store, new LocalExpertFiles(store), capacity: 2);
        Directory.Move(folder[$"data/{lease.Path}"], folder["away"]);
        await Assert.ThrowsAsync<SoupsException>(() => cache.GetAsync(lease));
        Directory.Move(folder["away"], folder[$"data/{lease.Path}"]);
        Assert.Equal(lease.Hash, (await cache.GetAsync(lease)).Hash);
    }

    private ExpertStore Store() => new(folder["data"], path =>
    {
        Interlocked.Increment(ref reads);
        return AdapterFolder.Load(path, model.Config, model.BaseHash).Expert;
    });

    private static ExpertLease Lease(AdmittedExpert expert) => new(
        "lease", "kind", 1, expert.Hash, expert.Path, expert.BaseHash, expert.Preference, DateTimeOffset.MaxValue);
}
