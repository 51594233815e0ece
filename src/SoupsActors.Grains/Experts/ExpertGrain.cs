using Orleans.Runtime;
using SoupsActors.Experts;
using SoupsActors.Grains.Placement;
using SoupsActors.Grains.State;

namespace SoupsActors.Grains.Experts;

/// <inheritdoc cref="IExpertGrain"/>
/// <remarks>
/// Beside the users rather than on generators: every request leases, and a device that is busy or gone must not keep it
/// waiting.
/// </remarks>
[RolePlacement(SiloRoles.Gateway, required: false)]
internal sealed class ExpertGrain(
    [PersistentState("expert", GrainStorageNames.Soups)] IPersistentState<ExpertState> expertStorage,
    [PersistentState("hits", GrainStorageNames.Soups)] IPersistentState<ExpertHits> hitStorage,
    IGrainFactory grains,
    ExpertDemand demand,
    TimeProvider clock) : Grain, IExpertGrain
{
    /// <summary>How long a lease lasts whose holder does not come back.</summary>
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan HitPeriod = TimeSpan.FromSeconds(30);

    private readonly DurableState<ExpertState> expert = new(expertStorage);
    private readonly DurableState<ExpertHits> hits = new(hitStorage);
    private readonly LeaseTable leases = new(clock, LeaseDuration);
    private long newHits;

    private string Id => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(
            static (grain, _) => grain.LookAfterAsync(),
            this,
            new GrainTimerCreationOptions { DueTime = HitPeriod, Period = HitPeriod, Interleave = true });
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        StoreHits();

    public Task<ExpertDescriptor?> Describe() => Task.FromResult(Descriptor());

    public Task<ExpertLease> Lease(string leaseId)
    {
        var lease = leases.Grant(leaseId, Id, expert.Value, out var isNew);
        if (isNew)
        {
            newHits++;
            demand.Count(lease);
        }

        return Task.FromResult(lease with { Replicas = demand.Replicas });
    }

    public Task Release(string leaseId)
    {
        leases.Release(leaseId);
        return Task.CompletedTask;
    }

    public async Task<ExpertDescriptor> Publish(AdmittedExpert expert, string operationId)
    {
        Identifiers.RequireExpert(Id);

        // The registry learns the id first: a crash in between leaves an id without versions, which no list shows,
        // and never an expert that no list knows.
        await Registry.Add(Id);
        return await Change(
            "publish",
            expert.Hash,
            operationId,
            state => state.With(expert, clock.GetUtcNow()),
            mustExist: false);
    }

    public Task<ExpertDescriptor> Pin(int version, string operationId) => Change(
        "pin",
        version,
        operationId,
        state => Array.Exists(state.Versions, v => v.Number == version)
            ? state with { Current = version, Pinned = true }
            : throw SoupsException.NotFound(
                $"Expert '{Id}' has no version {version}. Its versions are {Numbers(state)}.", "unknown_version",
                "version"));

    public Task<ExpertDescriptor> Unpin(string operationId) => Change(
        "unpin",
        0,
        operationId,
        state => state with { Current = state.Versions[^1].Number, Pinned = false });

    public Task<ExpertDescriptor> Rollback(string operationId) => Change(
        "rollback",
        0,
        operationId,
        state => Array.FindLast(state.Versions, v => v.Number < state.Current) is { } before
            ? state with { Current = before.Number, Pinned = true }
            : throw SoupsException.Invalid(
                $"Expert '{Id}' has no version before {state.Current}.", "no_earlier_version"));

    public async Task Remove(string operationId)
    {
        var operation = Operation("remove", 0, operationId);
        await expert.UpdateAsync(state =>
        {
            if (state.Operations.Holds(operation))
                return null;
            return state.CurrentVersion is null
                ? throw LeaseTable.Unknown(Id)
                : new ExpertState { LastNumber = state.LastNumber, Operations = state.Operations.With(operation) };
        });
        await Registry.Drop(Id);
    }

    private IExpertRegistryGrain Registry => grains.GetGrain<IExpertRegistryGrain>(IExpertRegistryGrain.Key);

    private async Task<ExpertDescriptor> Change<T>(
        string verb, T content, string operationId, Func<ExpertState, ExpertState> change, bool mustExist = true)
    {
        var operation = Operation(verb, content, operationId);
        await expert.UpdateAsync(state =>
        {
            if (state.Operations.Holds(operation))
                return null;
            if (mustExist && state.CurrentVersion is null)
                throw LeaseTable.Unknown(Id);
            return change(state) with { Operations = state.Operations.With(operation) };
        });
        return Descriptor() ?? throw LeaseTable.Unknown(Id);
    }

    private Task LookAfterAsync()
    {
        if (expert.Value.CurrentVersion is not null)
            demand.Review(leases.Preview(Id, expert.Value));
        return StoreHits();
    }

    private async Task StoreHits()
    {
        var count = newHits;
        if (count == 0)
            return;
        newHits = 0;
        try
        {
            await hits.UpdateAsync(state => new ExpertHits { Count = state.Count + count });
        }
        catch
        {
            newHits += count;
            throw;
        }
    }

    private ExpertDescriptor? Descriptor() => expert.Value is { CurrentVersion: { } current } state
        ? new ExpertDescriptor(
            Id, current, state.Pinned, state.Versions, state.Preference, hits.Value.Count + newHits, leases.Count)
        : null;

    private static AppliedOperation Operation<T>(string verb, T content, string id) =>
        new(Identifiers.RequireOperation(id), AppliedOperation.FingerprintOf(verb, content));

    private static string Numbers(ExpertState state) => string.Join(", ", state.Versions.Select(v => v.Number));
}
