using Microsoft.Extensions.Options;
using SoupsActors.Feedback;
using SoupsActors.Generation;

namespace SoupsActors.Grains.Feedback;

/// <summary>Looks up what the interactions say that events name.</summary>
internal sealed class FeedbackContexts(IInteractionStore interactions, IOptions<InteractionOptions> options)
{
    /// <summary>All interactions that a batch names and that are kept.</summary>
    public Task<Dictionary<string, Interaction>> FindAsync(IEnumerable<FeedbackEvent> events)
    {
        string[] ids = [.. events.SelectMany(Named).Distinct(StringComparer.Ordinal)];
        return ids.Length == 0 ? Task.FromResult(new Dictionary<string, Interaction>()) : interactions.FindAsync(ids);
    }

    /// <summary>Prompt and answers from the interactions, or null where an event names none.</summary>
    /// <exception cref="SoupsException">
    /// An interaction is unknown or another user's, or the prompts are not the same one.
    /// </exception>
    public FeedbackContext? Resolve(FeedbackEvent feedback, Dictionary<string, Interaction> found)
    {
        Interaction[] named = [.. Named(feedback).Select(id => Require(id, feedback.User, found))];
        if (named.Length == 0)
            return null;
        var prompts = named.Select(PromptOf).OfType<ChatMessage[]>().ToArray();
        if (Array.Exists(prompts, p => !p.SequenceEqual(prompts[0])))
        {
            throw SoupsException.Invalid(
                "The answers belong to different prompts. Compare answers to one and the same conversation.",
                "different_prompts",
                "interaction");
        }

        return new FeedbackContext(
            prompts.Length == 0 ? null : prompts[0],
            [.. feedback.Answers().Select(a => a.Text ?? found[a.Interaction!].Answer)]);
    }

    private Interaction Require(string id, string user, Dictionary<string, Interaction> found) =>
        found.TryGetValue(id, out var known) && (known.User is null || known.User == user)
            ? known
            : throw SoupsException.NotFound(
                options.Value.Retention <= TimeSpan.Zero
                    ? "This server keeps no interactions. Send prompt and answers as texts."
                    : $"There is no interaction '{id}' of this user, or its {Days()} are over. "
                        + "Use the id of the answer, or send prompt and answers as texts.",
                "unknown_interaction",
                "interaction");

    private string Days() => $"{options.Value.Retention.TotalDays:0.##} days";

    private static IEnumerable<string> Named(FeedbackEvent feedback) => feedback.Answers()
        .Select(a => a.Interaction)
        .Append(feedback.Interaction)
        .OfType<string>();

    private static ChatMessage[]? PromptOf(Interaction interaction) =>
        interaction.Messages ?? (interaction.Prompt is { } text ? [new ChatMessage("user", text)] : null);
}
