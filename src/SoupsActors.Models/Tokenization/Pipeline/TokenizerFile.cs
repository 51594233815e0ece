using System.Text;
using System.Text.Json;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Tokenization.Pipeline;

/// <summary>The files of a Hugging Face tokenizer, as they were read: written back byte for byte.</summary>
/// <param name="Tokenizer">tokenizer.json</param>
/// <param name="Config">tokenizer_config.json, if any.</param>
/// <param name="SpecialTokens">special_tokens_map.json, if any.</param>
/// <param name="ChatTemplate">chat_template.jinja, if any.</param>
internal sealed record TokenizerFile(byte[] Tokenizer, byte[]? Config, byte[]? SpecialTokens, byte[]? ChatTemplate)
{
    public const string TokenizerName = "tokenizer.json";
    public const string ConfigName = "tokenizer_config.json";
    public const string SpecialTokensName = "special_tokens_map.json";
    public const string ChatTemplateName = "chat_template.jinja";

    private const long MaxBytes = 100_000_000;

    public static TokenizerFile Read(string folder)
    {
        ModelFolder.Require(folder, TokenizerName,
            "only tokenizers in that form are read; convert a SentencePiece model with transformers' save_pretrained.");
        return new TokenizerFile(
            Bytes(folder, TokenizerName)!,
            Bytes(folder, ConfigName),
            Bytes(folder, SpecialTokensName),
            Bytes(folder, ChatTemplateName));
    }

    public void Write(string folder)
    {
        Write(folder, ConfigName, Config);
        Write(folder, SpecialTokensName, SpecialTokens);
        Write(folder, ChatTemplateName, ChatTemplate);
        Write(folder, TokenizerName, Tokenizer);
    }

    /// <summary>The chat template's Jinja source, from its own file or from tokenizer_config.json.</summary>
    public string? Jinja()
    {
        if (ChatTemplate is not null)
            return Encoding.UTF8.GetString(ChatTemplate);
        if (Config is null)
            return null;
        using var config = JsonFile.Parse(ConfigName, Config);
        var template = config.RootElement.Part("chat_template");
        if (template.ValueKind == JsonValueKind.String)
            return template.GetString();
        if (template.ValueKind != JsonValueKind.Array)
            return null;
        var named = template.EnumerateArray().Where(t => t.OptionalText("template") is not null).ToList();
        return named.Count == 0
            ? null
            : (named.Find(t => t.OptionalText("name") == "default") is { ValueKind: JsonValueKind.Object } chosen
                ? chosen : named[0]).OptionalText("template");
    }

    /// <summary>The error for a tokenizer that is broken or not supported.</summary>
    public static ModelFormatException Error(string problem, Exception? inner = null) =>
        new(TokenizerName, problem, inner);

    private static byte[]? Bytes(string folder, string name)
    {
        if (ModelFolder.Find(folder, name) is not { } path)
            return null;
        var length = new FileInfo(path).Length;
        return length <= MaxBytes
            ? File.ReadAllBytes(path)
            : throw new ModelFormatException(path, $"has {length} bytes, more than the {MaxBytes} allowed.");
    }

    private static void Write(string folder, string name, byte[]? content)
    {
        if (content is not null)
            AtomicFile.Write(Path.Combine(folder, name), content);
    }
}
