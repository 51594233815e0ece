using Orleans.Concurrency;
using SoupsActors.Feedback;
using SoupsActors.Generation;

namespace SoupsActors.Users;

/// <summary>One user: the profile, the conversation, and the way a request takes. The key is the user's id.</summary>
public interface IUserGrain : IGrainWithStringKey
{
    /// <summary>The profile; a default one for a user who never wrote.</summary>
    [AlwaysInterleave]
    Task<VersionedProfile> GetProfile();

    /// <summary>
    /// Replaces the profile. A repeated operation id changes nothing and returns the profile as it is now.
    /// </summary>
    /// <param name="profile">The new profile.</param>
    /// <param name="expectedETag">Only if the profile still has this tag; null writes in any case.</param>
    /// <param name="operationId">Names this write; a retry after a time-out carries the same id.</param>
    /// <exception cref="SoupsException">
    /// The profile is wrong, the tag is another one, or the operation id belongs to another write.
    /// </exception>
    Task<VersionedProfile> SetProfile(SoupProfile profile, string? expectedETag, string operationId);

    /// <summary>Puts the profile back to the default.</summary>
    Task<VersionedProfile> ResetProfile(string? expectedETag, string operationId);

    /// <summary>Answers in one piece.</summary>
    [ResponseTimeout(GeneratorKeys.AnswerTimeout)]
    Task<Answer> Generate(TextRequest request, CancellationToken cancellationToken = default);

    /// <summary>Answers piece by piece; the last piece carries the finish reason and the token counts.</summary>
    [ResponseTimeout(GeneratorKeys.AnswerTimeout)]
    IAsyncEnumerable<AnswerPiece> Stream(TextRequest request, CancellationToken cancellationToken = default);

    /// <summary>The stored conversation, oldest message first.</summary>
    [AlwaysInterleave]
    Task<ChatMessage[]> GetHistory();

    /// <summary>Forgets the stored conversation; the profile stays.</summary>
    Task ClearHistory(string operationId);

    /// <summary>Everything that is stored about the user.</summary>
    [AlwaysInterleave]
    Task<UserExport> Export();

    /// <summary>Deletes everything that is stored about the user. Requests under way store nothing more.</summary>
    Task Forget(string operationId);
}

/// <summary>Everything that is stored about one user.</summary>
/// <param name="User">The user's id.</param>
/// <param name="Profile">The profile.</param>
/// <param name="ETag">The profile's tag.</param>
/// <param name="History">The stored conversation, oldest message first.</param>
/// <param name="ExportedAt">When this copy was made.</param>
[GenerateSerializer, Immutable]
public sealed record UserExport(
    [property: Id(0)] string User,
    [property: Id(1)] SoupProfile Profile,
    [property: Id(2)] string ETag,
    [property: Id(3)] ChatMessage[] History,
    [property: Id(4)] DateTimeOffset ExportedAt)
{
    /// <summary>The answers that are kept, oldest first.</summary>
    [Id(5)]
    public Interaction[] Interactions { get; init; } = [];

    /// <summary>The user's feedback in the order it was stored.</summary>
    [Id(6)]
    public StoredFeedback[] Feedback { get; init; } = [];
}

/// <summary>
/// Answers requests that name no user: the same walk without a profile and without a memory. The key, any small number,
/// only spreads the load.
/// </summary>
public interface IGuestGrain : IGrainWithIntegerKey
{
    /// <summary>Answers in one piece.</summary>
    [ResponseTimeout(GeneratorKeys.AnswerTimeout)]
    Task<Answer> Generate(TextRequest request, CancellationToken cancellationToken = default);

    /// <summary>Answers piece by piece; the last piece carries the finish reason and the token counts.</summary>
    [ResponseTimeout(GeneratorKeys.AnswerTimeout)]
    IAsyncEnumerable<AnswerPiece> Stream(TextRequest request, CancellationToken cancellationToken = default);
}
