namespace SoupsActors.Models.Tokenization.Chat;

/// <summary>
/// Llama 2's layout (Touvron et al. 2023, and its released code): one sequence per exchange, system text in the
/// first.
/// </summary>
internal sealed class Llama2Template() : ChatTemplate("llama2", Source)
{
    private const string Source =
        "{% if messages[0]['role'] == 'system' %}"
        + "{% set system = '<<SYS>>\n' + messages[0]['content'] + '\n<</SYS>>\n\n' %}"
        + "{% set messages = messages[1:] %}{% else %}{% set system = '' %}{% endif %}"
        + "{% for message in messages %}"
        + "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
        + "{{ raise_exception('Roles must alternate user/assistant') }}{% endif %}"
        + "{% if loop.index0 == 0 %}{% set content = system + message['content'] %}"
        + "{% else %}{% set content = message['content'] %}{% endif %}"
        + "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content | trim + ' [/INST]' }}"
        + "{% else %}{{ ' ' + content | trim + ' ' + eos_token }}{% endif %}{% endfor %}";

    private protected override IReadOnlyList<string> Markers => ["[INST]", "[/INST]"];

    private protected override void Render(
        IReadOnlyList<ChatTurn> turns, bool addGenerationPrompt, List<ChatPiece> pieces)
    {
        var system = turns[0].Role == "system" ? $"<<SYS>>\n{turns[0].Content}\n<</SYS>>\n\n" : "";
        var from = turns[0].Role == "system" ? 1 : 0;
        for (var i = from; i < turns.Count; i++)
        {
            var user = (i - from) % 2 == 0;
            if (user != (turns[i].Role == "user"))
            {
                throw new ArgumentException(
                    $"Message {i} has the role '{turns[i].Role}'; with the template 'llama2', "
                    + "user and assistant take turns, and the user begins.", nameof(turns));
            }

            var content = ((i == from ? system : "") + turns[i].Content).Trim();
            if (user)
                AddUser(content, pieces);
            else
                pieces.AddRange([ChatPiece.Plain($" {content} "), ChatPiece.End]);
        }

        if (turns.Count == from || (addGenerationPrompt && turns[^1].Role != "user"))
        {
            throw new ArgumentException(
                "With the template 'llama2', an answer can only follow a message of the user.", nameof(turns));
        }
    }

    private static void AddUser(string content, List<ChatPiece> pieces) => pieces.AddRange([
        ChatPiece.Begin,
        ChatPiece.Marker("[INST]"),
        ChatPiece.Plain($" {content} "),
        ChatPiece.Marker("[/INST]")]);
}
