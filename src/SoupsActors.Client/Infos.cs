namespace SoupsActors.Client;

/// <summary>A preference to put into a mix.</summary>
/// <param name="Id">Such as P1A.</param>
/// <param name="Dimension">What it is about.</param>
/// <param name="Pole">Which end.</param>
/// <param name="Prompt">The sentence that asks for it in a prompt.</param>
/// <param name="JudgeText">The criterion two answers are compared by.</param>
/// <param name="Expert">The expert that answers this way.</param>
/// <param name="Available">Whether that expert is there.</param>
public sealed record PreferenceInfo(
    string Id, string Dimension, string Pole, string Prompt, string JudgeText, string Expert, bool Available);

/// <summary>An expert.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Preference">Preference it was made for, or null.</param>
/// <param name="Current">The version new requests get.</param>
/// <param name="Pinned">Whether new versions stay unused until the pin is lifted.</param>
/// <param name="Hits">Requests served.</param>
/// <param name="Leases">Requests running at the moment.</param>
/// <param name="Versions">All versions, oldest first.</param>
public sealed record ExpertInfo(
    string Id,
    string? Preference,
    ExpertVersionInfo Current,
    bool Pinned,
    long Hits,
    int Leases,
    IReadOnlyList<ExpertVersionInfo> Versions);

/// <summary>A version of an expert.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Hash">Content hash.</param>
/// <param name="BaseHash">Content hash of the base model, or null where unknown.</param>
/// <param name="Rank">Largest rank.</param>
/// <param name="Targets">The linear layers it changes.</param>
/// <param name="PublishedAt">When it became part of the expert.</param>
/// <param name="Provenance">How it came to be.</param>
public sealed record ExpertVersionInfo(
    int Number,
    string Hash,
    string? BaseHash,
    int Rank,
    IReadOnlyList<string> Targets,
    DateTimeOffset PublishedAt,
    IReadOnlyDictionary<string, string> Provenance);

/// <summary>Something that can be named as a model.</summary>
/// <param name="Id">The name.</param>
/// <param name="Parent">The model it changes, or null.</param>
/// <param name="Root">The base model's name, or null.</param>
public sealed record ModelInfo(string Id, string? Parent = null, string? Root = null);
