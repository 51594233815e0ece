using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Runtime;
using SoupsActors.Feedback;
using SoupsActors.Generation;
using SoupsActors.Grains.Feedback;
using SoupsActors.Grains.Generation;
using SoupsActors.Grains.Placement;
using SoupsActors.Grains.State;
using SoupsActors.Users;

namespace SoupsActors.Grains.Users;

/// <inheritdoc cref="IUserGrain"/>
/// <remarks>Reentrant, so that a long answer does not keep the profile from being read or changed.</remarks>
[Reentrant]
[RolePlacement(SiloRoles.Gateway, required: false)]
internal sealed class UserGrain(
    [PersistentState("profile", GrainStorageNames.Soups)] IPersistentState<UserState> profileStorage,
    [PersistentState("history", GrainStorageNames.Soups)] IPersistentState<HistoryState> historyStorage,
    RequestWalk walk,
    MixResolver mixes,
    IOptions<ConversationOptions> conversation,
    TimeProvider clock) : Grain, IUserGrain
{
    private readonly DurableState<UserState> profile = new(profileStorage);
    private readonly DurableState<HistoryState> history = new(historyStorage);

    // Counts the times the user was forgotten, so that a request begun before stores nothing after.
    private int forgotten;

    private string User => this.GetPrimaryKeyString();

    public Task<VersionedProfile> GetProfile() => Task.FromResult(Versioned(profile.Value));

    public async Task<VersionedProfile> SetProfile(SoupProfile profile, string? expectedETag, string operationId)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ProfileRules.Check(profile);
        await mixes.CheckAsync(profile);
        return await WriteProfile(profile, expectedETag, operationId, "set");
    }

    public Task<VersionedProfile> ResetProfile(string? expectedETag, string operationId) =>
        WriteProfile(new SoupProfile(), expectedETag, operationId, "reset");

    public Task<Answer> Generate(TextRequest request, CancellationToken cancellationToken = default) =>
        Stream(request, cancellationToken).CollectAsync(cancellationToken);

    public async IAsyncEnumerable<AnswerPiece> Stream(
        TextRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var epoch = forgotten;
        var earlier = request.Soup.History ? history.Value.Messages : [];
        var text = new System.Text.StringBuilder();
        await foreach (var piece in walk.RunAsync(
            request, profile.Value.Profile, earlier, new Requester(User, () => epoch == forgotten), cancellationToken))
        {
            if (request.Soup.History)
                text.Append(piece.Text);

            // Before the last piece is handed over: a reader need not come back after it.
            if (piece.End is not null && request.Soup.History && epoch == forgotten)
                await Remember(request, text.ToString());
            yield return piece;
        }
    }

    public Task<ChatMessage[]> GetHistory() => Task.FromResult(history.Value.Messages);

    public Task ClearHistory(string operationId)
    {
        var operation = Operation(operationId, "clear", 0);
        return history.UpdateAsync(state => state.Operations.Holds(operation)
            ? null
            : new HistoryState { Operations = state.Operations.With(operation) });
    }

    public async Task<UserExport> Export()
    {
        var feedback = GrainFactory.GetGrain<IFeedbackGrain>(User);
        var interactions = await feedback.ListInteractions();
        var events = await feedback.List();
        return new UserExport(
            User, profile.Value.Profile, profile.Value.ETag, history.Value.Messages, clock.GetUtcNow())
        {
            Interactions = interactions,
            Feedback = events,
        };
    }

    public async Task Forget(string operationId)
    {
        Identifiers.RequireOperation(operationId);
        forgotten++;
        await GrainFactory.GetGrain<IFeedbackGrain>(User).Forget(operationId);
        await history.ClearAsync();
        await profile.ClearAsync();
    }

    private async Task<VersionedProfile> WriteProfile(
        SoupProfile next, string? expectedETag, string operationId, string verb)
    {
        var operation = Operation(operationId, verb, next);
        return Versioned(await profile.UpdateAsync(state =>
        {
            if (state.Operations.Holds(operation))
                return null;
            if (expectedETag is not null && expectedETag != state.ETag)
            {
                throw SoupsException.Conflict(
                    $"The profile has changed: its tag is {state.ETag}, not {expectedETag}. Read it again, then write.",
                    "etag_mismatch",
                    "If-Match");
            }

            return new UserState
            {
                Profile = next,
                ETag = Guid.NewGuid().ToString("N")[..16],
                Operations = state.Operations.With(operation),
                WrittenAt = clock.GetUtcNow(),
            };
        }));
    }

    private Task<HistoryState> Remember(TextRequest request, string answer)
    {
        var limit = profile.Value.Profile.HistoryLimit ?? conversation.Value.HistoryLimit;
        var operation = Operation(
            request.OperationId ?? Guid.NewGuid().ToString("N"), "exchange", request.Messages ?? []);
        var exchange = (request.Messages ?? []).Where(m => m.Role != "system").Append(new("assistant", answer));
        return history.UpdateAsync(state => state.Operations.Holds(operation)
            ? null
            : new HistoryState
            {
                Messages = [.. state.Messages.Concat(exchange).TakeLast(limit)],
                Operations = state.Operations.With(operation),
            });
    }

    private static AppliedOperation Operation<T>(string id, string verb, T content) =>
        new(Identifiers.RequireOperation(id), AppliedOperation.FingerprintOf(verb, content));

    private static VersionedProfile Versioned(UserState state) => new(state.Profile, state.ETag)
    {
        WrittenAt = state.WrittenAt,
    };
}
