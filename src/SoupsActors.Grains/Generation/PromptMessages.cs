using SoupsActors.Generation;

namespace SoupsActors.Grains.Generation;

/// <summary>The conversation that a model is shown.</summary>
internal static class PromptMessages
{
    /// <summary>
    /// One system message (templates know no more), earlier messages, the request's messages; the preferences'
    /// sentences follow the newest user
    /// message, as in the training prompts of Personalized Soups (Jang et al. 2023).
    /// </summary>
    public static ChatMessage[] Build(
        ChatMessage[] messages, ChatMessage[] earlier, string? systemPrompt, IReadOnlyList<string> sentences)
    {
        var own = messages.TakeWhile(m => m.Role == "system").ToArray();
        var result = new List<ChatMessage>(messages.Length + earlier.Length + 1);
        if (own.Length > 0)
            result.Add(new ChatMessage("system", string.Join("\n\n", own.Select(m => m.Content))));
        else if (!string.IsNullOrWhiteSpace(systemPrompt))
            result.Add(new ChatMessage("system", systemPrompt));
        result.AddRange(earlier);
        result.AddRange(messages.Skip(own.Length));
        var newest = result.FindLastIndex(m => m.Role == "user");
        if (sentences.Count > 0 && newest >= 0)
        {
            var instruction = result[newest];
            result[newest] = instruction with { Content = $"{instruction.Content} {string.Join(' ', sentences)}" };
        }

        return [.. result];
    }
}
