namespace SoupsActors.Experts;

/// <summary>One version of an expert: a content-addressed folder of weights.</summary>
/// <param name="Number">1 for the first version; never used twice.</param>
/// <param name="Hash">Content hash of configuration and weights, lower-case hexadecimal SHA-256.</param>
/// <param name="Path">Folder with the weights, relative to the data directory.</param>
/// <param name="BaseHash">Content hash of the base model it belongs to, or null where unknown.</param>
/// <param name="Rank">Largest rank of its factors.</param>
/// <param name="Targets">The linear layers it changes, by Hugging Face's names.</param>
/// <param name="PublishedAt">When it became part of the expert.</param>
/// <param name="Provenance">How it came to be: method, data, parent, seeds.</param>
[GenerateSerializer, Immutable]
public sealed record ExpertVersion(
    [property: Id(0)] int Number,
    [property: Id(1)] string Hash,
    [property: Id(2)] string Path,
    [property: Id(3)] string? BaseHash,
    [property: Id(4)] int Rank,
    [property: Id(5)] string[] Targets,
    [property: Id(6)] DateTimeOffset PublishedAt,
    [property: Id(7)] Dictionary<string, string> Provenance)
{
    /// <summary>Size of its files in bytes; 0 for versions of programs that did not note it.</summary>
    [Id(8)]
    public long Bytes { get; init; }
}

/// <summary>Weights that were checked and admitted to the data directory, ready to be published.</summary>
/// <param name="Hash">Content hash.</param>
/// <param name="Path">Folder, relative to the data directory.</param>
/// <param name="BaseHash">Content hash of the base model, or null where unknown.</param>
/// <param name="Rank">Largest rank.</param>
/// <param name="Targets">The linear layers it changes.</param>
/// <param name="Preference">Preference it was made for, or null.</param>
/// <param name="Provenance">How it came to be.</param>
[GenerateSerializer, Immutable]
public sealed record AdmittedExpert(
    [property: Id(0)] string Hash,
    [property: Id(1)] string Path,
    [property: Id(2)] string? BaseHash,
    [property: Id(3)] int Rank,
    [property: Id(4)] string[] Targets,
    [property: Id(5)] string? Preference,
    [property: Id(6)] Dictionary<string, string> Provenance)
{
    /// <summary>Size of its files in bytes.</summary>
    [Id(7)]
    public long Bytes { get; init; }
}

/// <summary>An expert as others see it.</summary>
/// <param name="Id">The expert's id.</param>
/// <param name="Current">The version that new requests get.</param>
/// <param name="Pinned">Whether new versions stay unused until the pin is lifted.</param>
/// <param name="Versions">All versions, oldest first.</param>
/// <param name="Preference">Preference it was made for, or null.</param>
/// <param name="Hits">Requests served; written in batches, so a crash may lose the last ones.</param>
/// <param name="Leases">Requests running at the moment.</param>
[GenerateSerializer, Immutable]
public sealed record ExpertDescriptor(
    [property: Id(0)] string Id,
    [property: Id(1)] ExpertVersion Current,
    [property: Id(2)] bool Pinned,
    [property: Id(3)] ExpertVersion[] Versions,
    [property: Id(4)] string? Preference,
    [property: Id(5)] long Hits,
    [property: Id(6)] int Leases);

/// <summary>The right of one request to run on one version to its end.</summary>
/// <param name="LeaseId">Names the lease; the same id asked for again returns the same version.</param>
/// <param name="ExpertId">The expert.</param>
/// <param name="Version">Number of the version.</param>
/// <param name="Hash">Content hash of the version.</param>
/// <param name="Path">Folder with the weights, relative to the data directory.</param>
/// <param name="BaseHash">Base model it belongs to, or null where unknown.</param>
/// <param name="Preference">Preference it was made for, or null.</param>
/// <param name="ExpiresAt">When the lease ends by itself, should its holder die.</param>
[GenerateSerializer, Immutable]
public sealed record ExpertLease(
    [property: Id(0)] string LeaseId,
    [property: Id(1)] string ExpertId,
    [property: Id(2)] int Version,
    [property: Id(3)] string Hash,
    [property: Id(4)] string Path,
    [property: Id(5)] string? BaseHash,
    [property: Id(6)] string? Preference,
    [property: Id(7)] DateTimeOffset ExpiresAt)
{
    /// <summary>On how many generators the expert is to be held; more while it is hot.</summary>
    [Id(8)]
    public int Replicas { get; init; } = 1;
}
