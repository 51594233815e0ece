using SoupsActors.Experts;
using SoupsActors.Feedback;
using SoupsActors.Generation;
using SoupsActors.Preferences;
using SoupsActors.Users;

namespace SoupsActors.Dashboard.Data.Feed;

/// <summary>What a rater says of two answers.</summary>
public enum ComparisonVerdict
{
    /// <summary>The left answer is better.</summary>
    Left,

    /// <summary>The right answer is better.</summary>
    Right,

    /// <summary>Neither is.</summary>
    Tie,
}

/// <summary>Two answers as a rater sees them.</summary>
/// <param name="Number">Its number in the plan.</param>
/// <param name="Planned">The pair.</param>
/// <param name="Left">The left answer.</param>
/// <param name="Right">The right answer.</param>
public sealed record ShownPair(int Number, PlannedPair Planned, ShownAnswer Left, ShownAnswer Right);

/// <summary>An answer as a rater sees it.</summary>
/// <param name="Interaction">Its id.</param>
/// <param name="Text">Its text.</param>
/// <param name="IsKept">Whether the server keeps the text under that id.</param>
public sealed record ShownAnswer(string Interaction, string Text, bool IsKept);

/// <summary>Makes pairs of answers and stores what raters say of them, as anyone's feedback is stored.</summary>
public sealed class ComparisonDesk(IGrainFactory grains)
{
    private const int MostEqual = 12;
    private const int LookedUpAtOnce = 64;

    /// <summary>The preferences to judge by.</summary>
    public Task<Preference[]> PreferencesAsync() =>
        grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).List();

    /// <summary>The plan of a preference.</summary>
    public async Task<ComparisonPlan> PlanAsync(
        Preference preference, ComparedModels models, IReadOnlyList<string> prompts)
    {
        ArgumentNullException.ThrowIfNull(preference);
        var expert = await grains.GetGrain<IExpertGrain>(preference.ExpertId).Describe();
        return new ComparisonPlan(preference.Id, preference.ExpertId, expert?.Current.Hash, models, prompts);
    }

    /// <summary>The next pair that the rater has not judged and whose answers differ.</summary>
    /// <exception cref="SoupsException">
    /// The name is no user id, or the model always answers the same or cannot answer.
    /// </exception>
    public async Task<ShownPair> NextAsync(
        ComparisonPlan plan, string rater, int from, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var feedback = grains.GetGrain<IFeedbackGrain>(Identifiers.RequireUser(rater));
        HashSet<string> judged = [];
        var equal = 0;
        for (var number = from; ; number++)
        {
            // Asked for by name, a few at a time: all that a rater ever said may be far more than this plan's pairs.
            if ((number - from) % LookedUpAtOnce == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                judged =
                [
                    .. await feedback.Known(
                        [.. Enumerable.Range(number, LookedUpAtOnce).Select(next => plan.Pair(next).Operation)]),
                ];
            }

            var pair = plan.Pair(number);
            if (judged.Contains(pair.Operation))
                continue;
            var answers = await Task.WhenAll(
                AnswerAsync(pair.First, cancellationToken), AnswerAsync(pair.Second, cancellationToken));
            if (answers[0].Text != answers[1].Text)
            {
                var isSwapped = pair.IsSwappedFor(rater);
                return new ShownPair(number, pair, answers[isSwapped ? 1 : 0], answers[isSwapped ? 0 : 1]);
            }

            if (++equal == MostEqual)
            {
                throw SoupsException.Conflict(
                    $"{MostEqual} pairs in a row had two equal answers. Compare other models, or ask other prompts.",
                    "equal_answers");
            }
        }
    }

    /// <summary>Stores a judgement.</summary>
    /// <exception cref="SoupsException">It was refused; the message says why.</exception>
    public async Task LabelAsync(string rater, string preference, ShownPair pair, ComparisonVerdict verdict)
    {
        ArgumentNullException.ThrowIfNull(pair);
        var isKept = pair.Left.IsKept && pair.Right.IsKept;
        var left = Named(pair.Left);
        var right = Named(pair.Right);
        FeedbackEvent feedback = verdict switch
        {
            ComparisonVerdict.Left => new PairFeedback(left, right),
            ComparisonVerdict.Right => new PairFeedback(right, left),
            _ => new RankingFeedback([left, right]) { Ranks = [1, 1] },
        };
        feedback = feedback with
        {
            User = rater,
            Preference = preference,
            OperationId = pair.Planned.Operation,
            Prompt = isKept ? null : pair.Planned.First.Messages,
        };
        var result = (await grains.GetGrain<IFeedbackGrain>(rater).Append([feedback]))[0];
        if (result.Error is { } error)
            throw SoupsException.Invalid(error.Message, error.Code, error.Param);

        FeedbackAnswer Named(ShownAnswer answer) =>
            isKept ? FeedbackAnswer.Given(answer.Interaction) : FeedbackAnswer.Of(answer.Text);
    }

    // An answer that somebody was shown before is shown again as it was.
    private async Task<ShownAnswer> AnswerAsync(TextRequest request, CancellationToken cancellationToken)
    {
        var log = grains.GetGrain<IFeedbackLogGrain>(0);
        var id = request.Interaction!;
        if (await log.FindInteraction(id) is { Answer: { } known })
            return new ShownAnswer(id, known, IsKept: true);
        var answer = await grains.GetGrain<IGuestGrain>(0).Generate(request, cancellationToken);
        var kept = await log.FindInteraction(id);
        return new ShownAnswer(id, kept?.Answer ?? answer.Text, kept?.Answer is not null);
    }
}
