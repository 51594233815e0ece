using SoupsActors.Models;
using SoupsActors.Models.Tokenization;
using SoupsActors.Models.Tokenization.Chat;

namespace SoupsActors.Learning.Data;

/// <summary>Turns prompts and answers into the tokens that a model was made for.</summary>
/// <param name="tokenizer">Text to ids.</param>
/// <param name="template">How conversations are laid out.</param>
/// <param name="endToken">The token that ends an answer.</param>
/// <param name="maxTokens">Most tokens of prompt and answer together, at least 2.</param>
public sealed class ConversationFormat(Tokenizer tokenizer, ChatTemplate template, int endToken, int maxTokens)
{
    /// <summary>Beyond it a loss in single precision could be infinite.</summary>
    private const double LargestMargin = 1e9;

    /// <summary>Text to ids.</summary>
    public Tokenizer Tokenizer { get; } = tokenizer;

    /// <summary>How conversations are laid out.</summary>
    public ChatTemplate Template { get; } = template;

    /// <summary>The token that ends an answer.</summary>
    public int EndToken { get; } = endToken;

    /// <summary>Most tokens of prompt and answer together.</summary>
    public int MaxTokens { get; } = maxTokens;

    /// <summary>The format of a loaded model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="maxTokens">Most tokens of prompt and answer; the model's context where null or larger.</param>
    /// <exception cref="ArgumentException">The model has no end token, so answers could not end.</exception>
    public static ConversationFormat Of(LanguageModel model, int? maxTokens = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.StopTokens.Count == 0)
            throw new ArgumentException($"The model in {model.Folder} names no end token.", nameof(model));
        var end = model.Tokenizer.EosId ?? model.StopTokens[0];
        return new ConversationFormat(
            model.Tokenizer, model.ChatTemplate, end, Math.Min(maxTokens ?? int.MaxValue, model.StepModel.ContextLength));
    }

    /// <summary>A user's message, ready for an answer.</summary>
    public int[] Prompt(string text) => Prompt(text, []);

    /// <summary>A user's message after an earlier conversation, ready for an answer.</summary>
    public int[] Prompt(string text, IReadOnlyList<ChatTurn> earlier) =>
        Template.Encode(Tokenizer, [.. earlier, new ChatTurn("user", text)], addGenerationPrompt: true);

    /// <summary>An answer with its end token.</summary>
    public int[] Answer(string text) => [.. Tokenizer.Encode(text, addSpecialTokens: false), EndToken];

    /// <summary>The text of an answer without its end token.</summary>
    public string Text(ReadOnlySpan<int> answer)
    {
        var end = answer.Length > 0 && answer[^1] == EndToken ? answer.Length - 1 : answer.Length;
        return Tokenizer.Decode(answer[..end].ToArray()).Trim();
    }

    /// <summary>
    /// Prompt and answer as tokens, up to the last one that reaches into a labelled part. What is too long loses its
    /// beginning.
    /// </summary>
    public int[] UpToEnd(LabelledSegment segment)
    {
        ArgumentNullException.ThrowIfNull(segment);
        var answer = Tokenizer.Encode(segment.Completion, addSpecialTokens: false);
        var text = Tokenizer.CreateStream();
        var tokens = 0;
        for (var length = 0; length < segment.Start + segment.Length && tokens < answer.Length; tokens++)
            length += text.Append(answer[tokens]).Length;
        int[] all = [.. Prompt(segment.Prompt, segment.Earlier), .. answer.AsSpan(0, tokens)];
        return all.Length <= MaxTokens ? all : all[^MaxTokens..];
    }

    /// <summary>
    /// A comparison as tokens. A prompt that leaves too little room loses its beginning, as in the methods' own data
    /// (truncation left); answers lose their end.
    /// </summary>
    public TokenPair Pair(Comparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        var prompt = Prompt(comparison.Prompt, comparison.Earlier);
        var chosen = Answer(comparison.Chosen);
        var rejected = Answer(comparison.Rejected);
        var longest = Math.Min(MaxTokens - 1, Math.Max(chosen.Length, rejected.Length));
        var kept = Math.Clamp(MaxTokens - longest, 1, prompt.Length);
        var room = MaxTokens - kept;
        return new TokenPair(prompt[^kept..], Cut(chosen, room), Cut(rejected, room))
        {
            Margin = (float)Math.Clamp(comparison.Margin ?? 0, -LargestMargin, LargestMargin),
            ChosenProbability = (float)comparison.ChosenProbability,
        };

        static int[] Cut(int[] tokens, int length) => tokens.Length <= length ? tokens : tokens[..length];
    }
}
