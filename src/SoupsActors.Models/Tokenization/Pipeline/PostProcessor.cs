using System.Text.Json;

namespace SoupsActors.Models.Tokenization.Pipeline;

/// <summary>The tokens put around an encoded text, such as a beginning-of-sequence token.</summary>
/// <param name="Prefix">Ids before the text.</param>
/// <param name="Suffix">Ids after the text.</param>
/// <param name="IsTemplate">Whether the file names them; otherwise tokenizer_config.json may.</param>
internal sealed record PostProcessor(int[] Prefix, int[] Suffix, bool IsTemplate)
{
    public static PostProcessor None { get; } = new([], [], false);

    public static PostProcessor Read(JsonElement part)
    {
        if (part.IsAbsent())
            return None;
        var type = part.TypeName("post_processor");
        return type switch
        {
            "ByteLevel" => None,
            "TemplateProcessing" => ReadTemplate(part),
            "Sequence" => part.Items("processors", "post_processor").Select(Read).Aggregate(None, Around),
            _ => throw JsonParts.Unsupported("post_processor", type, "TemplateProcessing, ByteLevel, Sequence"),
        };
    }

    private static PostProcessor Around(PostProcessor inner, PostProcessor outer) => new(
        [.. outer.Prefix, .. inner.Prefix], [.. inner.Suffix, .. outer.Suffix], inner.IsTemplate || outer.IsTemplate);

    private static PostProcessor ReadTemplate(JsonElement part)
    {
        List<int> prefix = [], suffix = [];
        var texts = 0;
        foreach (var item in part.Items("single", "post_processor"))
        {
            if (item.Part("Sequence").ValueKind == JsonValueKind.Object)
            {
                texts++;
                continue;
            }

            var name = item.Part("SpecialToken").Text("id", "post_processor");
            var token = part.Part("special_tokens").Part(name);
            foreach (var id in token.Items("ids", "post_processor"))
            {
                if (id.ValueKind != JsonValueKind.Number || !id.TryGetInt32(out var value) || value < 0)
                    throw TokenizerFile.Error($"The special token '{name}' of the post_processor has a broken id.");
                (texts == 0 ? prefix : suffix).Add(value);
            }
        }

        return texts == 1
            ? new PostProcessor([.. prefix], [.. suffix], true)
            : throw TokenizerFile.Error("The post_processor's template 'single' must hold the text exactly once.");
    }
}
