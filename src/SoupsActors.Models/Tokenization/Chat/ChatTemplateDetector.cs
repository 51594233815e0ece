using System.Text.RegularExpressions;

namespace SoupsActors.Models.Tokenization.Chat;

/// <summary>Recognises a Jinja chat template by its markers.</summary>
internal static partial class ChatTemplateDetector
{
    public static ChatTemplate? Detect(string jinja)
    {
        ArgumentNullException.ThrowIfNull(jinja);
        bool Has(string text) => jinja.Contains(text, StringComparison.Ordinal);
        var begins = Has("bos_token");
        if (Has("<|im_start|>") && Has("<|im_end|>"))
            return HeaderTemplate.CreateChatMl(DefaultSystem(jinja), begins);
        if (Has("<|start_header_id|>") && Has("<|eot_id|>"))
            return Has("Cutting Knowledge Date") ? ChatTemplate.Llama31 : ChatTemplate.Llama3;
        if (Has("[INST]") && Has("<<SYS>>") && begins)
            return ChatTemplate.Llama2;

        // Both are written with whole markers or with the role spliced in: '<|' + message['role'] + '|>'.
        var marksUser = Has("<|user|>") || Has("message['role'] + '|>");
        if (Has("<|assistant|>") && marksUser && Has("eos_token") && !Has("<|end|>"))
        {
            return EveryTurnEnds(jinja)
                ? HeaderTemplate.CreateZephyr(begins)
                : HeaderTemplate.CreateTulu(begins);
        }

        return jinja.ReplaceLineEndings("\n") == ChatTemplate.Plain.Jinja ? ChatTemplate.Plain : null;
    }

    /// <summary>Zephyr ends the user's turn with the end token, Tulu does not.</summary>
    private static bool EveryTurnEnds(string jinja)
    {
        var user = jinja.IndexOf("<|user|>", StringComparison.Ordinal);
        if (user < 0)
            return !jinja.Contains("== 'assistant'", StringComparison.Ordinal);
        var end = jinja.IndexOf("{%", user, StringComparison.Ordinal);
        var turn = jinja.AsSpan(user, (end < 0 ? jinja.Length : end) - user);
        return turn.Contains("eos_token", StringComparison.Ordinal);
    }

    /// <summary>The system text that the template itself supplies, as in Qwen2's.</summary>
    private static string? DefaultSystem(string jinja)
    {
        var match = BuiltInSystem().Match(jinja);
        return match.Success ? match.Groups["text"].Value : null;
    }

    [GeneratedRegex(
        @"<\|im_start\|>system(\\n|\n)(?<text>[^'""{}<\\]+)<\|im_end\|>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BuiltInSystem();
}
