using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using SoupsActors.Experts;
using SoupsActors.Feedback;
using SoupsActors.Generation;
using SoupsActors.Grains.Feedback;
using SoupsActors.Grains.Users;
using SoupsActors.Users;

namespace SoupsActors.Grains.Generation;

/// <summary>
/// The way of a request: resolve the mix, lease a version of each expert (all at once), have a generator answer on
/// exactly these versions, keep what was answered, and end the leases however the request ends.
/// </summary>
internal sealed partial class RequestWalk(
    IGrainFactory grains,
    MixResolver mixes,
    GeneratorRoute generators,
    Retries retries,
    InteractionLog interactions,
    ILogger<RequestWalk> logger)
{
    public async IAsyncEnumerable<AnswerPiece> RunAsync(
        TextRequest request,
        SoupProfile profile,
        ChatMessage[] earlier,
        Requester requester,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequestRules.Check(request);
        request = request.Seeded();
        var mix = await mixes.ResolveAsync(request, profile);
        var leaseId = Guid.NewGuid().ToString("N");
        InteractionLog.InteractionDraft? draft = null;
        string[] experts = [.. mix.Weights.Where(w => w.Value != 0).Select(w => w.Key)];
        try
        {
            var leases = await LeaseAsync(experts, leaseId);
            var resolved = new GeneratorRequest
            {
                Messages = request.Messages is null
                    ? null
                    : PromptMessages.Build(request.Messages, earlier, profile.SystemPrompt, mix.PromptTexts),
                Prompt = request.Prompt,
                Experts = [.. leases.Select(lease => new ExpertShare(lease, mix.Weights[lease.ExpertId]))],
                Merge = mix.Merge,
                Sampling = request.Sampling.Over(profile.Sampling),
                Stop = request.Stop,
                LogitBias = request.LogitBias,
                LogProbabilities = request.LogProbabilities,
                Seed = request.Seed,
                FairnessKey = requester.User,
            };
            draft = interactions.Begin(About(request, profile, earlier, mix, resolved), requester);
            await foreach (var piece in generators.RunAsync(resolved, cancellationToken))
                yield return await draft.AddAsync(piece);
        }
        finally
        {
            if (draft is not null)
                await draft.CloseAsync();
            await ReleaseAsync(experts, leaseId);
        }
    }

    private static Interaction About(
        TextRequest request, SoupProfile profile, ChatMessage[] earlier, ResolvedMix mix, GeneratorRequest resolved) => new()
        {
            Id = request.Interaction ?? $"answer-{Guid.NewGuid():N}",
            Messages = request.Messages is null
                ? null
                : PromptMessages.Build(request.Messages, earlier, profile.SystemPrompt, []),
            Prompt = request.Prompt,
            PromptTexts = [.. mix.PromptTexts],
            Experts =
            [
                .. resolved.Experts.Select(share => new InteractionExpert(
                    share.Lease.ExpertId, share.Lease.Version, share.Lease.Hash, share.Weight)),
            ],
            Merge = resolved.Merge,
            Sampling = resolved.Sampling,
            Seed = resolved.Seed,
        };

    private async Task<ExpertLease[]> LeaseAsync(string[] experts, string leaseId)
    {
        try
        {
            return await Task.WhenAll(experts.Select(
                id => retries.RunAsync(() => grains.GetGrain<IExpertGrain>(id).Lease(leaseId))));
        }
        catch (SoupsException error) when (error.Code == "unknown_expert")
        {
            throw SoupsException.Invalid(
                error.Message + " If the profile names it, write the profile without it.", error.Code, "mix");
        }
    }

    // Asks every expert, for a fan-out that failed half-way has leased some of them. What cannot be reached now lets
    // the lease expire.
    private async Task ReleaseAsync(string[] experts, string leaseId)
    {
        try
        {
            await Task.WhenAll(experts.Select(id => grains.GetGrain<IExpertGrain>(id).Release(leaseId)));
        }
        catch (Exception error)
        {
            LogReleaseFailed(error);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A lease could not be ended and will expire by itself.")]
    private partial void LogReleaseFailed(Exception error);
}
