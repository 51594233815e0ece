namespace SoupsActors.Models.Tokenization.Chat;

/// <summary>Templates in which every turn is a header with its role, the content, and an ending.</summary>
internal sealed class HeaderTemplate : ChatTemplate
{
    private const string Loop = "{% for message in messages %}";
    private const string EndLoop = "{% endfor %}";

    /// <summary>The dates that Llama 3.1's own template states where the caller gives none.</summary>
    private const string Dates = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n";

    private readonly Func<string, ChatPiece[]> header;
    private readonly Func<string, ChatPiece[]> ending;
    private readonly string[] stops;
    private readonly string[] markers;

    private HeaderTemplate(
        string name,
        string jinja,
        Func<string, ChatPiece[]> header,
        Func<string, ChatPiece[]> ending,
        string[] stops,
        string[] markers)
        : base(name, jinja)
    {
        this.header = header;
        this.ending = ending;
        this.stops = stops;
        this.markers = markers;
    }

    public override IReadOnlyList<string> StopTokens => stops;

    private protected override IReadOnlyList<string> Markers => markers;

    private bool Begins { get; init; }

    private bool Trims { get; init; }

    private string? DefaultSystem { get; init; }

    private string SystemPrefix { get; init; } = "";

    public static HeaderTemplate CreateChatMl(string? defaultSystem, bool begins) => new(
        "chatml",
        Loop + "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}" + EndLoop
            + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
        role => [ChatPiece.Token("<|im_start|>"), ChatPiece.Plain($"{role}\n")],
        _ => [ChatPiece.Token("<|im_end|>"), ChatPiece.Plain("\n")],
        ["<|im_end|>"],
        ["<|im_start|>"])
    {
        Begins = begins,
        DefaultSystem = defaultSystem,
    };

    public static HeaderTemplate CreateLlama3(bool dated) => new(
        dated ? "llama3.1" : "llama3",
        "{{ bos_token }}" + (dated ? DatedSystem : "") + Loop
            + "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim"
            + " + '<|eot_id|>' }}" + EndLoop
            + "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}",
        role => [
            ChatPiece.Token("<|start_header_id|>"),
            ChatPiece.Plain(role),
            ChatPiece.Token("<|end_header_id|>"),
            ChatPiece.Plain("\n\n")],
        _ => [ChatPiece.Token("<|eot_id|>")],
        ["<|eot_id|>", "<|eom_id|>", "<|end_of_text|>"],
        ["<|start_header_id|>"])
    {
        Begins = true,
        Trims = true,
        DefaultSystem = dated ? "" : null,
        SystemPrefix = dated ? Dates : "",
    };

    public static HeaderTemplate CreateZephyr(bool begins) => new(
        "zephyr",
        (begins ? "{{ bos_token }}" : "") + Loop
            + "{{ '<|' + message['role'] + '|>\n' + message['content'] + eos_token + '\n' }}" + EndLoop
            + "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}",
        RoleMarker,
        _ => [ChatPiece.End, ChatPiece.Plain("\n")],
        [],
        ["<|system|>", "<|user|>", "<|assistant|>"])
    {
        Begins = begins,
    };

    public static HeaderTemplate CreateTulu(bool begins) => new(
        "tulu",
        (begins ? "{{ bos_token }}" : "") + Loop
            + "{{ '<|' + message['role'] + '|>\n' + message['content'] }}"
            + "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{{ '\n' }}" + EndLoop
            + "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}",
        RoleMarker,
        role => role == "assistant" ? [ChatPiece.End, ChatPiece.Plain("\n")] : [ChatPiece.Plain("\n")],
        [],
        ["<|system|>", "<|user|>", "<|assistant|>"])
    {
        Begins = begins,
    };

    private protected override void Render(
        IReadOnlyList<ChatTurn> turns, bool addGenerationPrompt, List<ChatPiece> pieces)
    {
        if (Begins)
            pieces.Add(ChatPiece.Begin);
        if (turns[0].Role != "system" && DefaultSystem is not null)
            Add(new ChatTurn("system", DefaultSystem));
        foreach (var turn in turns)
            Add(turn);
        if (addGenerationPrompt)
            pieces.AddRange(header("assistant"));

        void Add(ChatTurn turn)
        {
            pieces.AddRange(header(turn.Role));
            var content = Trims ? turn.Content.Trim() : turn.Content;
            pieces.Add(ChatPiece.Plain(turn.Role == "system" ? SystemPrefix + content : content));
            pieces.AddRange(ending(turn.Role));
        }
    }

    private const string DatedSystem =
        "{% if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] | trim %}"
        + "{% set messages = messages[1:] %}{% else %}{% set system = '' %}{% endif %}"
        + "{{ '<|start_header_id|>system<|end_header_id|>\n\n" + Dates + "' + system + '<|eot_id|>' }}";

    private static ChatPiece[] RoleMarker(string role) => [ChatPiece.Marker($"<|{role}|>"), ChatPiece.Plain("\n")];
}
