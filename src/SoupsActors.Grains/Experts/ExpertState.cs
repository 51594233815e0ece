using SoupsActors.Experts;
using SoupsActors.Grains.State;

namespace SoupsActors.Grains.Experts;

/// <summary>An expert as it is stored; without versions there is no such expert.</summary>
[GenerateSerializer, Immutable]
internal sealed record ExpertState
{
    [Id(0)]
    public ExpertVersion[] Versions { get; init; } = [];

    /// <summary>Number of the version that new requests get.</summary>
    [Id(1)]
    public int Current { get; init; }

    /// <summary>Whether <see cref="Current"/> stays whatever is published.</summary>
    [Id(2)]
    public bool Pinned { get; init; }

    /// <summary>Numbers given out so far; outlives a removal, so that no number means two things.</summary>
    [Id(3)]
    public int LastNumber { get; init; }

    [Id(4)]
    public string? Preference { get; init; }

    [Id(5)]
    public AppliedOperation[] Operations { get; init; } = [];

    /// <summary>The version that new requests get, or null where there is no such expert.</summary>
    public ExpertVersion? CurrentVersion => Array.Find(Versions, v => v.Number == Current);

    /// <summary>The state with one more version, current unless another is pinned.</summary>
    public ExpertState With(AdmittedExpert expert, DateTimeOffset now)
    {
        var known = Array.Find(Versions, v => v.Hash == expert.Hash);
        if (known is not null)
            return Pinned ? this : this with { Current = known.Number };
        var number = LastNumber + 1;
        var version = new ExpertVersion(
            number, expert.Hash, expert.Path, expert.BaseHash, expert.Rank, expert.Targets, now, expert.Provenance)
        {
            Bytes = expert.Bytes,
        };
        var kept = Versions;
        while (kept.Length >= SoupsLimits.MaxExpertVersions)
        {
            var oldest = Array.Find(kept, v => v.Number != Current);
            kept = [.. kept.Where(v => v != oldest)];
        }

        return this with
        {
            Versions = [.. kept, version],
            Current = Pinned ? Current : number,
            LastNumber = number,
            Preference = expert.Preference ?? Preference,
        };
    }
}

/// <summary>How often an expert served, written now and then.</summary>
[GenerateSerializer, Immutable]
internal sealed record ExpertHits
{
    [Id(0)]
    public long Count { get; init; }
}
