using SoupsActors.Feedback;

namespace SoupsActors.Dashboard.Data.Playground;

/// <summary>
/// What was said about the answers on the page, as feedback like any other. An answer beside others is compared with
/// each of them; one that stands alone gets a thumb.
/// </summary>
public sealed class PlaygroundVerdicts(IGrainFactory grains)
{
    private readonly HashSet<(string, string, string?)> judged = [];
    private readonly Dictionary<(string Answer, string? Preference), bool> given = [];

    /// <summary>Whether an answer was called better (true) or worse (false) by a preference, or neither.</summary>
    public bool? Given(string answer, string? preference) =>
        given.TryGetValue((answer, preference), out var isBetter) ? isBetter : null;

    /// <summary>Stores a verdict.</summary>
    /// <param name="answer">Interaction of the answer.</param>
    /// <param name="others">Interactions of the complete answers beside it.</param>
    /// <param name="isBetter">Whether it is better than they are, or worse.</param>
    /// <param name="preference">The preference it was judged by; null for which is better at all.</param>
    /// <param name="user">Whose opinion it is.</param>
    /// <returns>How many events were stored; 0 where all of these were compared before.</returns>
    /// <exception cref="SoupsException">The user's id is wrong, or an event was refused.</exception>
    public async Task<int> GiveAsync(
        string answer, IReadOnlyList<string> others, bool isBetter, string? preference, string user)
    {
        ArgumentNullException.ThrowIfNull(others);
        var events = Events(answer, others, isBetter, preference, Identifiers.RequireUser(user));
        if (events.Length == 0)
            return 0;
        var results = await grains.GetGrain<IFeedbackGrain>(user).Append(events);
        if (results.FirstOrDefault(r => r.Error is not null)?.Error is { } refusal)
            throw SoupsException.Invalid(refusal.Message, refusal.Code, refusal.Param);
        foreach (var other in others)
            judged.Add(Pair(answer, other, preference));
        given[(answer, preference)] = isBetter;
        return events.Length;
    }

    private FeedbackEvent[] Events(
        string answer, IReadOnlyList<string> others, bool isBetter, string? preference, string user)
    {
        var (mine, operation) = (FeedbackAnswer.Given(answer), Guid.NewGuid().ToString("N"));
        if (others.Count == 0)
        {
            return
            [
                new ReactionFeedback(isBetter ? Thumb.Up : Thumb.Down)
                {
                    User = user, OperationId = operation, Interaction = answer, Preference = preference,
                },
            ];
        }

        return
        [
            .. others.Where(other => !judged.Contains(Pair(answer, other, preference))).Select((other, i) =>
            {
                var theirs = FeedbackAnswer.Given(other);
                return new PairFeedback(isBetter ? mine : theirs, isBetter ? theirs : mine)
                {
                    User = user, OperationId = $"{operation}/{i}", Preference = preference,
                };
            }),
        ];
    }

    // The same whichever of the two was judged first.
    private static (string, string, string?) Pair(string a, string b, string? preference) =>
        string.CompareOrdinal(a, b) < 0 ? (a, b, preference) : (b, a, preference);
}
