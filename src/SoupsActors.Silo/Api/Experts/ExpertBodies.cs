using System.Text.Json.Serialization;
using SoupsActors.Experts;
using SoupsActors.Preferences;

namespace SoupsActors.Silo.Api.Experts;

/// <summary>Which folder becomes which expert.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RegisterFields
{
    /// <summary>The expert's id; an existing one gets a new version.</summary>
    public string? Id { get; init; }

    /// <summary>A folder in PEFT's format, relative to the import directory.</summary>
    public string? Path { get; init; }
}

/// <summary>Which version is to stay.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PinFields
{
    /// <summary>The version's number.</summary>
    public int? Version { get; init; }
}

/// <summary>An expert.</summary>
internal sealed record ExpertBody(
    string Id,
    string? Preference,
    VersionBody Current,
    bool Pinned,
    long Hits,
    int Leases,
    VersionBody[] Versions,
    string Object = "expert")
{
    public static ExpertBody From(ExpertDescriptor expert) => new(
        expert.Id,
        expert.Preference,
        VersionBody.From(expert.Current),
        expert.Pinned,
        expert.Hits,
        expert.Leases,
        [.. expert.Versions.Select(VersionBody.From)]);
}

/// <summary>A version of an expert.</summary>
internal sealed record VersionBody(
    int Number,
    string Hash,
    string? BaseHash,
    int Rank,
    string[] Targets,
    DateTimeOffset PublishedAt,
    long Bytes,
    Dictionary<string, string> Provenance)
{
    public static VersionBody From(ExpertVersion version) => new(
        version.Number,
        version.Hash,
        version.BaseHash,
        version.Rank,
        version.Targets,
        version.PublishedAt,
        version.Bytes,
        version.Provenance);
}

/// <summary>A preference.</summary>
internal sealed record PreferenceBody(
    string Id, string Dimension, string Pole, string Prompt, string JudgeText, string Expert, bool Available)
{
    public static PreferenceBody From(Preference preference, bool available) => new(
        preference.Id,
        preference.Dimension,
        preference.Pole,
        preference.Prompt,
        preference.JudgeText,
        preference.ExpertId,
        available);
}
