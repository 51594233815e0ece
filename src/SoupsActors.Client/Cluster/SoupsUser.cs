using System.Runtime.CompilerServices;
using SoupsActors.Generation;
using SoupsActors.Users;

namespace SoupsActors.Client.Cluster;

/// <summary>One user of a cluster.</summary>
public sealed class SoupsUser
{
    private readonly SoupsCluster cluster;
    private readonly IUserGrain grain;

    internal SoupsUser(SoupsCluster cluster, string id)
    {
        this.cluster = cluster;
        Id = id;
        grain = cluster.Grains.GetGrain<IUserGrain>(id);
    }

    /// <summary>The user's id.</summary>
    public string Id { get; }

    /// <summary>The profile with its tag.</summary>
    public Task<VersionedProfile> GetProfileAsync(CancellationToken cancellationToken = default) =>
        cluster.RunAsync(grain.GetProfile, cancellationToken);

    /// <summary>Replaces the profile.</summary>
    /// <param name="profile">The new one.</param>
    /// <param name="expectedETag">Only if the profile still has this tag; null writes in any case.</param>
    /// <param name="operationId">Names the write; null draws a name. Repeat it to repeat a write of unknown fate.</param>
    /// <param name="cancellationToken">Ends the attempts; the write may have been applied.</param>
    /// <exception cref="SoupsException">The profile is wrong, or has another tag.</exception>
    public Task<VersionedProfile> SetProfileAsync(
        SoupProfile profile,
        string? expectedETag = null,
        string? operationId = null,
        CancellationToken cancellationToken = default)
    {
        operationId ??= NewId();
        return cluster.RunAsync(() => grain.SetProfile(profile, expectedETag, operationId), cancellationToken);
    }

    /// <summary>Answers in one piece.</summary>
    /// <exception cref="SoupsException">The request is refused.</exception>
    public Task<Answer> AskAsync(TextRequest request, CancellationToken cancellationToken = default)
    {
        request = Named(request);
        return cluster.RunAsync(() => grain.Generate(request, cancellationToken), cancellationToken);
    }

    /// <summary>Answers piece by piece. It begins again where nothing has come yet, and never after that.</summary>
    /// <exception cref="SoupsException">The request is refused, or the answer broke off.</exception>
    public async IAsyncEnumerable<AnswerPiece> StreamAsync(
        TextRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        request = Named(request);
        var (pieces, hasFirst) = await cluster.RunAsync(() => BeginAsync(request, cancellationToken), cancellationToken);
        await using (pieces)
        {
            for (var more = hasFirst; more; more = await pieces.MoveNextAsync())
                yield return pieces.Current;
        }
    }

    /// <summary>The stored conversation, oldest message first.</summary>
    public Task<ChatMessage[]> GetHistoryAsync(CancellationToken cancellationToken = default) =>
        cluster.RunAsync(grain.GetHistory, cancellationToken);

    /// <summary>Deletes everything that is stored about the user.</summary>
    public Task ForgetAsync(string? operationId = null, CancellationToken cancellationToken = default)
    {
        operationId ??= NewId();
        return cluster.RunAsync(
            async () =>
            {
                await grain.Forget(operationId);
                return true;
            },
            cancellationToken);
    }

    private static string NewId() => Guid.NewGuid().ToString("N");

    // With names and a seed of its own an answer that is asked for twice is the same, kept and remembered once.
    private static TextRequest Named(TextRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Seeded() with
        {
            OperationId = request.OperationId ?? NewId(),
            Interaction = request.Interaction ?? $"answer-{NewId()}",
        };
    }

    private async Task<(IAsyncEnumerator<AnswerPiece> Pieces, bool HasFirst)> BeginAsync(
        TextRequest request, CancellationToken cancellationToken)
    {
        var pieces = grain.Stream(request, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            return (pieces, await pieces.MoveNextAsync());
        }
        catch
        {
            await pieces.DisposeAsync();
            throw;
        }
    }
}
