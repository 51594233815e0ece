using Orleans.Concurrency;

namespace SoupsActors.Experts;

/// <summary>One expert: its versions and who runs on them. The key is the expert's id.</summary>
public interface IExpertGrain : IGrainWithStringKey
{
    /// <summary>The expert, or null where none has this id.</summary>
    [AlwaysInterleave]
    Task<ExpertDescriptor?> Describe();

    /// <summary>
    /// Grants a request the current version until <see cref="Release"/> or until the lease expires. What is published
    /// meanwhile does not touch it.
    /// </summary>
    /// <exception cref="SoupsException">No such expert.</exception>
    [AlwaysInterleave]
    Task<ExpertLease> Lease(string leaseId);

    /// <summary>Ends a lease; an unknown one is no error, for it may have expired.</summary>
    [AlwaysInterleave]
    Task Release(string leaseId);

    /// <summary>
    /// Adds a version and, unless a version is pinned, makes it the current one. Weights that are a version already are
    /// made current again instead of being added twice.
    /// </summary>
    Task<ExpertDescriptor> Publish(AdmittedExpert expert, string operationId);

    /// <summary>Makes a version the current one and keeps it so whatever is published.</summary>
    Task<ExpertDescriptor> Pin(int version, string operationId);

    /// <summary>Lifts the pin: the newest version becomes the current one.</summary>
    Task<ExpertDescriptor> Unpin(string operationId);

    /// <summary>Goes back to the version before the current one and pins it.</summary>
    Task<ExpertDescriptor> Rollback(string operationId);

    /// <summary>Removes the expert. Requests under way end on the versions they leased.</summary>
    /// <exception cref="SoupsException">No such expert.</exception>
    Task Remove(string operationId);
}

/// <summary>Knows which experts there are. One of them, under <see cref="Key"/>.</summary>
public interface IExpertRegistryGrain : IGrainWithStringKey
{
    /// <summary>The key of the only registry.</summary>
    const string Key = "default";

    /// <summary>All experts, sorted by id.</summary>
    Task<ExpertDescriptor[]> List();

    /// <summary>Notes an id; experts call it before their first version is stored.</summary>
    Task Add(string expertId);

    /// <summary>Drops an id; experts call it after they were removed.</summary>
    Task Drop(string expertId);
}
