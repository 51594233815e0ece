using SoupsActors.Models.Experts;
using SoupsActors.Serving.Scheduling;
using SoupsActors.Serving.Tests.Fakes;

namespace SoupsActors.Serving.Tests.Scheduling;

public sealed class ExpertResidencyTests : IDisposable
{
    private readonly FakeStepModel model = new();
    private readonly ExpertResidency residency;

    public ExpertResidencyTests() => residency = new ExpertResidency(model, limit: 3);

    public void Dispose() => model.Dispose();

    [Fact]
    public void The_least_recently_used_expert_makes_room()
    {
        Use("a");
        Use("b");
        Use("c");
        Use("a");
        Use("d");
        Assert.Equal(["a", "c", "d"], model.Residents.Order());
        Assert.Equal(4, residency.Loads);
    }

    [Fact]
    public void A_leased_expert_is_never_evicted()
    {
        var held = Lease("a");
        foreach (var other in new[] { "b", "c", "d", "e" })
            Use(other);
        Assert.Contains("a", model.Residents);
        residency.Release(held);
    }

    [Fact]
    public void When_leases_leave_no_room_nothing_changes()
    {
        var first = Lease("a", "b");
        Assert.False(residency.TryLease([Requests.Expert("b"), Requests.Expert("c"), Requests.Expert("d")], out _));
        Assert.Equal(["a", "b"], model.Residents.Order());
        residency.Release(first);
        residency.Release(Lease("b", "c", "d"));
    }

    [Fact]
    public void An_expert_needed_by_the_same_mix_is_not_evicted_for_another_of_it()
    {
        Use("a");
        Use("b");
        Use("c");
        residency.Release(Lease("a", "d"));
        Assert.Equal(["a", "c", "d"], model.Residents.Order());
    }

    [Fact]
    public void An_expert_that_does_not_fit_leaves_the_others_usable()
    {
        var held = Lease("a");
        Assert.Throws<ExpertMismatchException>(
            () => residency.TryLease([Requests.Expert("b"), Requests.Expert(FakeStepModel.ForeignHash)], out _));
        Assert.Equal(["a"], model.Residents);
        Assert.Equal((1, 1), (residency.Count, residency.Loads));
        residency.Release(held);
    }

    [Fact]
    public void Residents_are_not_loaded_again()
    {
        Use("a");
        Use("a");
        Assert.Equal(1, model.SetExpertsCalls);
        Assert.Equal(1, residency.Loads);
    }

    [Fact]
    public void A_lease_is_released_once()
    {
        var lease = Lease("a");
        residency.Release(lease);
        Assert.Throws<InvalidOperationException>(() => residency.Release(lease));
    }

    private ResidentExpert[] Lease(params string[] hashes)
    {
        Assert.True(residency.TryLease([.. hashes.Select(Requests.Expert)], out var leases));
        return leases;
    }

    private void Use(string hash) => residency.Release(Lease(hash));
}
