using SoupsActors.Feedback;

namespace SoupsActors.Dashboard.Data.Playground;

/// <summary>
/// What was said about the answers on the page, as feedback like any other. An answer beside others is compared with
/// each of them; one that stands alone gets a thumb.
/// </summary>
public sealed class PlaygroundVerdicts(IGrainFactory grains)
{
    // What is under way counts as said: a second click comes before the first one is stored.
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
    /// <returns>How many events were stored; 0 where this was said before or is being stored.</returns>
    /// <exception cref="SoupsException">The user's id is wrong, or an event was refused.</exception>
    public async Task<int> GiveAsync(
        string answer, IReadOnlyList<string> others, bool isBetter, string? preference, string user)
    {
        ArgumentNullException.ThrowIfNull(others);
        Identifiers.RequireUser(user);
        if (given.ContainsKey((answer, preference)))
            return 0;
        string[] fresh = [.. others.Where(other => judged.Add(Pair(answer, other, preference)))];
        if (fresh.Length == 0 && others.Count > 0)
            return 0;
        given.Add((answer, preference), isBetter);
        try
        {
            var events = Events(answer, fresh, isBetter, preference, user);
            var results = await grains.GetGrain<IFeedbackGrain>(user).Append(events);
            return results.FirstOrDefault(r => r.Error is not null)?.Error is { } refusal
                ? throw SoupsException.Invalid(refusal.Message, refusal.Code, refusal.Param)
                : events.Length;
        }
        catch
        {
            // It can be said again.
            given.Remove((answer, preference));
            foreach (var other in fresh)
                judged.Remove(Pair(answer, other, preference));
            throw;
        }
    }

    private static FeedbackEvent[] Events(
        string answer, string[] others, bool isBetter, string? preference, string user)
    {
        var (mine, operation) = (FeedbackAnswer.Given(answer), Guid.NewGuid().ToString("N"));
        if (others.Length == 0)
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
            .. others.Select((other, i) =>
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
