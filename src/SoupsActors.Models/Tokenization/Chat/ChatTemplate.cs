using System.Text;
using SoupsActors.Models.Files;
using SoupsActors.Models.Tokenization.Pipeline;

namespace SoupsActors.Models.Tokenization.Chat;

/// <summary>
/// How a conversation is laid out for a model. Control tokens and message contents stay apart until they are ids, so
/// that no content can pose as a control token. Where a vocabulary spells role markers as plain text (Zephyr and Tulu
/// often do), text and marker cannot be told apart by anybody; <see cref="HasProtectedRoles"/> says whether that is so.
/// </summary>
public abstract class ChatTemplate
{
    private protected ChatTemplate(string name, string jinja)
    {
        Name = name;
        Jinja = jinja;
    }

    /// <summary>&lt;|im_start|&gt;role … &lt;|im_end|&gt;, as in Qwen and SmolLM.</summary>
    public static ChatTemplate ChatMl { get; } = HeaderTemplate.CreateChatMl(defaultSystem: null, begins: false);

    /// <summary>[INST] … [/INST] with &lt;&lt;SYS&gt;&gt;; turns alternate.</summary>
    public static ChatTemplate Llama2 { get; } = new Llama2Template();

    /// <summary>Role headers and &lt;|eot_id|&gt;, as in Llama 3.</summary>
    public static ChatTemplate Llama3 { get; } = HeaderTemplate.CreateLlama3(dated: false);

    /// <summary>Llama 3.1: as Llama 3, and the system message always states the template's default dates.</summary>
    public static ChatTemplate Llama31 { get; } = HeaderTemplate.CreateLlama3(dated: true);

    /// <summary>&lt;|user|&gt; markers; every turn ends with the end token.</summary>
    public static ChatTemplate Zephyr { get; } = HeaderTemplate.CreateZephyr(begins: false);

    /// <summary>&lt;|user|&gt; markers; only the assistant's turns end with the end token.</summary>
    public static ChatTemplate Tulu { get; } = HeaderTemplate.CreateTulu(begins: false);

    /// <summary>"User: …" and "Assistant: …" lines, for models without a template of their own.</summary>
    public static ChatTemplate Plain { get; } = new PlainTemplate();

    /// <summary>All templates that can be chosen by name.</summary>
    public static IReadOnlyList<ChatTemplate> All { get; } = [ChatMl, Llama2, Llama3, Llama31, Zephyr, Tulu, Plain];

    /// <summary>What the template is chosen by.</summary>
    public string Name { get; }

    /// <summary>Jinja source of the same layout, as tokenizer_config.json holds it.</summary>
    public string Jinja { get; }

    /// <summary>Control tokens that end an answer, besides the tokenizer's end-of-sequence token.</summary>
    public virtual IReadOnlyList<string> StopTokens => [];

    /// <summary>Texts that end an answer where no token does.</summary>
    public virtual IReadOnlyList<string> StopTexts => [];

    /// <summary>The template of a name.</summary>
    /// <exception cref="ArgumentException">No such template; the message names all.</exception>
    public static ChatTemplate ByName(string name) =>
        All.FirstOrDefault(t => string.Equals(t.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no chat template '{name}'. Choose one of: {Choices}.", nameof(name));

    /// <summary>Recognises a template by the markers in its Jinja source; the source itself is never run.</summary>
    /// <param name="jinja">chat_template of tokenizer_config.json, or chat_template.jinja.</param>
    /// <exception cref="ModelFormatException">It is unknown; the message names the choices and how to set one.</exception>
    public static ChatTemplate Detect(string jinja) => ChatTemplateDetector.Detect(jinja)
        ?? throw new ModelFormatException(
            TokenizerFile.ConfigName,
            $"the chat template is none that is known. Choose one by name instead (chat template = {Choices}).");

    /// <summary>The template of a tokenizer's folder; <see cref="Plain"/> where it has none.</summary>
    /// <exception cref="ModelFormatException">See <see cref="Detect"/>.</exception>
    public static ChatTemplate For(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return tokenizer.ChatTemplateSource is { } jinja ? Detect(jinja) : Plain;
    }

    /// <summary>The pieces of a conversation in order.</summary>
    /// <param name="turns">At least one; a system turn can only be the first.</param>
    /// <param name="addGenerationPrompt">Whether to end where the assistant's next answer begins.</param>
    /// <exception cref="ArgumentException">A role is unknown or out of order for this template.</exception>
    public IReadOnlyList<ChatPiece> Render(IReadOnlyList<ChatTurn> turns, bool addGenerationPrompt = true)
    {
        Check(turns);
        var pieces = new List<ChatPiece>();
        Render(turns, addGenerationPrompt, pieces);
        return pieces;
    }

    /// <summary>The ids of a conversation.</summary>
    /// <exception cref="ModelFormatException">The tokenizer lacks a control token of this template.</exception>
    /// <exception cref="ArgumentException">See <see cref="Render(IReadOnlyList{ChatTurn}, bool)"/>.</exception>
    public int[] Encode(Tokenizer tokenizer, IReadOnlyList<ChatTurn> turns, bool addGenerationPrompt = true)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var ids = new List<int>();
        var text = new StringBuilder();
        var atStart = true;
        foreach (var piece in Render(turns, addGenerationPrompt))
        {
            if (ControlId(tokenizer, piece) is not { } id)
            {
                text.Append(piece.Text);
                continue;
            }

            // Text between two control tokens is split as one, as the model saw it in training.
            FlushText();
            ids.Add(id);
        }

        FlushText();
        return [.. ids];

        void FlushText()
        {
            if (text.Length > 0)
                tokenizer.Append(text.ToString(), parseSpecial: false, atStart && ids.Count == 0, ids);
            text.Clear();
            atStart = false;
        }
    }

    /// <summary>
    /// Ids that end an answer: those of <see cref="StopTokens"/> that exist, and the end-of-sequence token.
    /// </summary>
    public int[] StopIds(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return [.. StopTokens.Select(tokenizer.IdOf).Append(tokenizer.EosId).OfType<int>().Distinct()];
    }

    /// <summary>
    /// Whether every role marker is a control token of the tokenizer, so that content cannot imitate one.
    /// </summary>
    public bool HasProtectedRoles(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return Markers.Count > 0 && Markers.All(m => tokenizer.IdOf(m) is { } id && tokenizer.IsControl(id));
    }

    /// <summary>Texts that introduce a role.</summary>
    private protected abstract IReadOnlyList<string> Markers { get; }

    private protected abstract void Render(
        IReadOnlyList<ChatTurn> turns, bool addGenerationPrompt, List<ChatPiece> pieces);

    private static string Choices => string.Join(", ", All.Select(t => t.Name));

    private int? ControlId(Tokenizer tokenizer, ChatPiece piece)
    {
        switch (piece.Kind)
        {
            case ChatPieceKind.Begin:
                return tokenizer.BosId;
            case ChatPieceKind.End:
                return tokenizer.EosId ?? throw Lacks("an eos_token");
            case ChatPieceKind.Token:
                return tokenizer.IdOf(piece.Text) ?? throw Lacks($"the token '{piece.Text}'");
            case ChatPieceKind.Marker:
                return tokenizer.IdOf(piece.Text) is { } id && tokenizer.IsControl(id) ? id : null;
            default:
                return null;
        }
    }

    private ModelFormatException Lacks(string what) => new(
        TokenizerFile.TokenizerName,
        $"the chat template '{Name}' needs {what}, which this tokenizer lacks. Choose another: {Choices}.");

    private static void Check(IReadOnlyList<ChatTurn> turns)
    {
        ArgumentNullException.ThrowIfNull(turns);
        if (turns.Count == 0)
            throw new ArgumentException("A conversation needs at least one message.", nameof(turns));
        for (var i = 0; i < turns.Count; i++)
        {
            var turn = turns[i];
            if (turn.Role is not ("system" or "user" or "assistant"))
            {
                throw new ArgumentException(
                    $"Message {i} has the role '{turn.Role}'; use system, user or assistant.", nameof(turns));
            }

            if (turn.Role == "system" && i > 0)
            {
                throw new ArgumentException(
                    $"Message {i} is a system message; only the first can be one.", nameof(turns));
            }

            if (turn.Content is null)
                throw new ArgumentException($"Message {i} has no content.", nameof(turns));
        }
    }
}
