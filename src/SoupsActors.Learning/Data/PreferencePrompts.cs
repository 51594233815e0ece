using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Learning.Data;

/// <summary>How preferences are asked for in words, for methods that state them in the prompt.</summary>
/// <param name="sentences">For each preference's id the sentence that asks for it.</param>
public sealed class PreferencePrompts(IReadOnlyDictionary<string, string> sentences)
{
    /// <summary>Ids of the preferences that have a sentence.</summary>
    public IEnumerable<string> Preferences => sentences.Keys;

    /// <summary>
    /// The user's text, then the sentences, separated by spaces, as Personalized Soups lays them out.
    /// </summary>
    /// <exception cref="ArgumentException">A preference has no sentence.</exception>
    public string Append(string text, params IEnumerable<string> preferences) =>
        string.Join(' ', preferences.Select(Sentence).Prepend(text));

    /// <summary>A question that states preferences, ready for an answer.</summary>
    /// <param name="format">Text to tokens.</param>
    /// <param name="text">As the user wrote it.</param>
    /// <param name="preferences">Ids of the preferences; kept with the prompt, so that rewards need no words.</param>
    /// <param name="topic">What the question is about, or null.</param>
    /// <exception cref="ArgumentException">A preference has no sentence.</exception>
    public RolloutPrompt Ask(
        ConversationFormat format, string text, IReadOnlyList<string> preferences, string? topic = null)
    {
        ArgumentNullException.ThrowIfNull(format);
        ArgumentNullException.ThrowIfNull(preferences);
        var asked = Append(text, preferences);
        return new RolloutPrompt(asked, format.Prompt(asked))
        {
            Preferences = [.. preferences],
            Topic = topic,
            QuestionTokens = format.Prompt(text),
        };
    }

    private string Sentence(string preference) => sentences.TryGetValue(preference, out var sentence)
        ? sentence
        : throw new ArgumentException(
            $"The preference '{preference}' has no sentence. There is one for {string.Join(", ", sentences.Keys)}.",
            nameof(preference));
}
