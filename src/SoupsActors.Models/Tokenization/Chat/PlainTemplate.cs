namespace SoupsActors.Models.Tokenization.Chat;

/// <summary>A dialogue as lines of text, which any language model can continue.</summary>
internal sealed class PlainTemplate() : ChatTemplate("plain", Source)
{
    private const string Source =
        "{{ bos_token }}{% for message in messages %}"
        + "{% if message['role'] == 'system' %}{{ message['content'] + '\n\n' }}"
        + "{% elif message['role'] == 'user' %}{{ 'User: ' + message['content'] + '\n' }}"
        + "{% else %}{{ 'Assistant: ' + message['content'] + '\n' }}{% endif %}{% endfor %}"
        + "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}";

    public override IReadOnlyList<string> StopTexts => ["\nUser:"];

    private protected override IReadOnlyList<string> Markers => ["User:", "Assistant:"];

    private protected override void Render(
        IReadOnlyList<ChatTurn> turns, bool addGenerationPrompt, List<ChatPiece> pieces)
    {
        pieces.Add(ChatPiece.Begin);
        foreach (var turn in turns)
        {
            pieces.Add(ChatPiece.Plain(turn.Role switch
            {
                "system" => $"{turn.Content}\n\n",
                "user" => $"User: {turn.Content}\n",
                _ => $"Assistant: {turn.Content}\n",
            }));
        }

        if (addGenerationPrompt)
            pieces.Add(ChatPiece.Plain("Assistant:"));
    }
}
