using System.Text;
using System.Text.Json;

namespace SoupsActors.Models.Tokenization.Pipeline;

/// <summary>Changes a text before it is split: Unicode forms, case, SentencePiece's space marks.</summary>
internal abstract class Normalizer
{
    public static Normalizer None { get; } = new Chain([]);

    public abstract string Apply(string text);

    public static Normalizer Read(JsonElement part)
    {
        if (part.IsAbsent())
            return None;
        var type = part.TypeName("normalizer");
        return type switch
        {
            "Sequence" => new Chain([.. part.Items("normalizers", "normalizer").Select(Read)]),
            "NFC" => new UnicodeForm(NormalizationForm.FormC),
            "NFD" => new UnicodeForm(NormalizationForm.FormD),
            "NFKC" => new UnicodeForm(NormalizationForm.FormKC),
            "NFKD" => new UnicodeForm(NormalizationForm.FormKD),
            "Lowercase" => new Lowercase(),
            "Strip" => new Strip(part.Flag("strip_left", true), part.Flag("strip_right", true)),
            "Prepend" => new Prepend(part.Text("prepend", "normalizer")),
            "Replace" => new Replace(
                TextPattern.Read(part.Part("pattern"), "normalizer"), part.Text("content", "normalizer")),
            _ => throw JsonParts.Unsupported(
                "normalizer", type, "NFC, NFD, NFKC, NFKD, Lowercase, Strip, Prepend, Replace, Sequence"),
        };
    }

    private sealed class Chain(Normalizer[] steps) : Normalizer
    {
        public override string Apply(string text)
        {
            foreach (var step in steps)
                text = step.Apply(text);
            return text;
        }
    }

    private sealed class UnicodeForm(NormalizationForm form) : Normalizer
    {
        public override string Apply(string text) => UnicodeForms.Normalize(text, form);
    }

    private sealed class Lowercase : Normalizer
    {
        // İ is the one letter whose lower case is two characters.
        public override string Apply(string text) =>
            text.Replace("\u0130", "i\u0307", StringComparison.Ordinal).ToLowerInvariant();
    }

    private sealed class Strip(bool left, bool right) : Normalizer
    {
        public override string Apply(string text)
        {
            if (left)
                text = text.TrimStart();
            return right ? text.TrimEnd() : text;
        }
    }

    private sealed class Prepend(string prefix) : Normalizer
    {
        public override string Apply(string text) => text.Length == 0 ? text : prefix + text;
    }

    private sealed class Replace(TextPattern pattern, string by) : Normalizer
    {
        public override string Apply(string text) => pattern.Replace(text, by);
    }
}
