using SoupsActors.Generation;
using SoupsActors.Grains.State;
using SoupsActors.Users;

namespace SoupsActors.Grains.Users;

/// <summary>A user's profile as it is stored.</summary>
[GenerateSerializer, Immutable]
internal sealed record UserState
{
    public const string NeverWritten = "0";

    [Id(0)]
    public SoupProfile Profile { get; init; } = new();

    [Id(1)]
    public string ETag { get; init; } = NeverWritten;

    [Id(2)]
    public AppliedOperation[] Operations { get; init; } = [];

    [Id(3)]
    public DateTimeOffset? WrittenAt { get; init; }
}

/// <summary>A user's conversation as it is stored, oldest message first.</summary>
[GenerateSerializer, Immutable]
internal sealed record HistoryState
{
    [Id(0)]
    public ChatMessage[] Messages { get; init; } = [];

    [Id(1)]
    public AppliedOperation[] Operations { get; init; } = [];
}
