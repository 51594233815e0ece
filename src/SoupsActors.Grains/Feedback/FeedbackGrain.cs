using Orleans.Concurrency;
using SoupsActors.Feedback;
using SoupsActors.Grains.Placement;

namespace SoupsActors.Grains.Feedback;

/// <inheritdoc cref="IFeedbackGrain"/>
/// <remarks>
/// One grain for each user, and reentrant, so that batches of one user wait for the disk together and those of many users
/// share its transactions.
/// </remarks>
[Reentrant]
[RolePlacement(SiloRoles.Gateway, required: false)]
internal sealed class FeedbackGrain(
    IFeedbackStore store, IInteractionStore interactions, FeedbackContexts contexts, TimeProvider clock)
    : Grain, IFeedbackGrain
{
    private string User => this.GetPrimaryKeyString();

    public async Task<FeedbackResult[]> Append(FeedbackEvent[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        RequireBatch(events.Length, "events", "events");

        // What is stored already is a duplicate, even where its interaction is no longer kept.
        var known = await store.FingerprintsAsync(User, [.. events.Select(e => e.OperationId)]);
        var found = await contexts.FindAsync(events.Where(e => !known.ContainsKey(e.OperationId)));
        var results = new FeedbackResult[events.Length];
        var ready = new List<(int Index, CheckedFeedback Event)>(events.Length);
        for (var i = 0; i < events.Length; i++)
        {
            try
            {
                var feedback = Check(events[i], known, found);
                if (feedback is null)
                    results[i] = new FeedbackResult(events[i].OperationId, FeedbackStatus.Duplicate);
                else
                    ready.Add((i, feedback));
            }
            catch (SoupsException error)
            {
                results[i] = Refused(events[i], error);
            }
        }

        if (ready.Count == 0)
            return results;
        var written = await store.AppendAsync(ready.ConvertAll(r => r.Event));
        foreach (var ((index, feedback), stored) in ready.Zip(written))
        {
            var operation = feedback.Event.OperationId;
            if (stored.Added)
                results[index] = new FeedbackResult(operation, FeedbackStatus.Accepted);
            else if (stored.Fingerprint == feedback.Fingerprint)
                results[index] = new FeedbackResult(operation, FeedbackStatus.Duplicate);
            else
                results[index] = Refused(feedback.Event, Reused());
        }

        return results;
    }

    public Task<StoredFeedback[]> List() => store.ListAsync(User);

    public Task<StoredFeedback[]> Newest(int most, FeedbackFilter? filter = null) =>
        most is >= 1 and <= SoupsLimits.MaxFeedbackBatch
            ? store.NewestAsync(User, filter ?? new FeedbackFilter(), most)
            : throw SoupsException.Invalid(
                $"1 to {SoupsLimits.MaxFeedbackBatch} events are given at once, not {most}.", "out_of_range", "most");

    public Task<long> Count() => store.CountOfAsync(User);

    public async Task<string[]> Known(string[] operationIds)
    {
        ArgumentNullException.ThrowIfNull(operationIds);
        RequireBatch(operationIds.Length, "operation ids", "operation_ids");
        return [.. (await store.FingerprintsAsync(User, operationIds)).Keys];
    }

    public Task<Interaction[]> ListInteractions() => interactions.ListAsync(User);

    public Task Forget(string operationId)
    {
        Identifiers.RequireOperation(operationId);
        return store.ForgetAsync(User);
    }

    private static void RequireBatch(int count, string what, string param)
    {
        if (count > SoupsLimits.MaxFeedbackBatch)
        {
            throw SoupsException.Invalid(
                $"A batch has at most {SoupsLimits.MaxFeedbackBatch} {what}; this one has {count}.",
                "batch_too_large",
                param);
        }
    }

    // Null for an event that is stored already.
    private CheckedFeedback? Check(
        FeedbackEvent feedback, Dictionary<string, string> known, Dictionary<string, Interaction> found)
    {
        Identifiers.RequireOperation(feedback.OperationId, "operation_id");
        FeedbackRules.Check(feedback, User, clock.GetUtcNow());
        var (json, print) = CheckedFeedback.Print(feedback);
        if (known.TryGetValue(feedback.OperationId, out var stored))
            return stored == print ? null : throw Reused();
        var context = contexts.Resolve(feedback, found);
        FeedbackRules.CheckTexts(feedback, new StoredFeedback(0, default, feedback, context).Texts());
        return new CheckedFeedback(feedback, json, print, context);
    }

    private static FeedbackResult Refused(FeedbackEvent feedback, SoupsException error) => new(
        feedback.OperationId, FeedbackStatus.Refused, new FeedbackRefusal(error.Message, error.Code, error.Param));

    private static SoupsException Reused() => SoupsException.Conflict(
        "This operation id was used for another event. Use a new id for each new event.",
        "operation_id_reused",
        "operation_id");
}
