using System.Text.Json;

namespace SoupsActors.Models.Tokenization.Pipeline;

/// <summary>Splits a normalized text into the words that byte-pair merges never cross.</summary>
internal abstract class PreTokenizer
{
    public static PreTokenizer None { get; } = new Chain([]);

    /// <summary>Appends the pieces of a text.</summary>
    /// <param name="text">The text, not empty.</param>
    /// <param name="first">Whether the text begins the whole input.</param>
    /// <param name="pieces">Receives the pieces in order.</param>
    public abstract void Apply(string text, bool first, List<string> pieces);

    public static PreTokenizer Read(JsonElement part)
    {
        if (part.IsAbsent())
            return None;
        var type = part.TypeName("pre_tokenizer");
        return type switch
        {
            "Sequence" => new Chain([.. part.Items("pretokenizers", "pre_tokenizer").Select(Read)]),
            "ByteLevel" => new ByteLevel(part.Flag("add_prefix_space", true), part.Flag("use_regex", true)),
            "Split" => new Split(
                TextPattern.Read(part.Part("pattern"), "pre_tokenizer"),
                Splitting.Parse(part.Text("behavior", "pre_tokenizer")),
                part.Flag("invert")),
            "Digits" => new Digits(part.Flag("individual_digits")),
            "Metaspace" => ReadMetaspace(part),
            _ => throw JsonParts.Unsupported("pre_tokenizer", type, "ByteLevel, Split, Digits, Metaspace, Sequence"),
        };
    }

    private static Metaspace ReadMetaspace(JsonElement part)
    {
        var scheme = part.OptionalText("prepend_scheme") ?? (part.Flag("add_prefix_space", true) ? "always" : "never");
        if (scheme is not ("always" or "first" or "never"))
            throw JsonParts.Unsupported("prepend_scheme", scheme, "always, first, never");
        return new Metaspace(part.OptionalText("replacement") ?? "\u2581", scheme, part.Flag("split", true));
    }

    private sealed class Chain(PreTokenizer[] steps) : PreTokenizer
    {
        public override void Apply(string text, bool first, List<string> pieces)
        {
            if (steps.Length == 0)
            {
                pieces.Add(text);
                return;
            }

            List<string> current = [text];
            for (var s = 0; s < steps.Length; s++)
            {
                var next = s == steps.Length - 1 ? pieces : [];
                for (var i = 0; i < current.Count; i++)
                    steps[s].Apply(current[i], first && i == 0, next);
                current = next;
            }
        }
    }

    /// <summary>GPT-2's split (Radford et al. 2019), then bytes spelled as characters.</summary>
    private sealed class ByteLevel(bool addPrefixSpace, bool useRegex) : PreTokenizer
    {
        private static readonly TextPattern Gpt2 = TextPattern.Regular(
            @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");

        public override void Apply(string text, bool first, List<string> pieces)
        {
            if (addPrefixSpace && text[0] != ' ')
                text = " " + text;
            if (!useRegex)
            {
                pieces.Add(ByteAlphabet.Spell(text));
                return;
            }

            var at = 0;
            foreach (var match in Gpt2.Matches(text))
            {
                pieces.Add(ByteAlphabet.Spell(text.AsSpan(match)));
                at = match.End.Value;
            }

            if (at < text.Length)
                pieces.Add(ByteAlphabet.Spell(text.AsSpan(at)));
        }
    }

    private sealed class Split(TextPattern pattern, SplitBehavior behavior, bool invert) : PreTokenizer
    {
        public override void Apply(string text, bool first, List<string> pieces) =>
            Splitting.Split(text, pattern.Matches(text), behavior, invert, pieces);
    }

    private sealed class Digits(bool individual) : PreTokenizer
    {
        private static readonly TextPattern Number = TextPattern.Regular(@"\p{N}");

        public override void Apply(string text, bool first, List<string> pieces) => Splitting.Split(
            text, Number.Matches(text), individual ? SplitBehavior.Isolated : SplitBehavior.Contiguous, false, pieces);
    }

    /// <summary>
    /// SentencePiece's spaces: each becomes a visible mark that begins a word (Kudo and Richardson 2018).
    /// </summary>
    private sealed class Metaspace(string mark, string scheme, bool split) : PreTokenizer
    {
        private readonly TextPattern pattern = TextPattern.Literal(mark);

        public override void Apply(string text, bool first, List<string> pieces)
        {
            text = text.Replace(" ", mark, StringComparison.Ordinal);
            var prepends = scheme == "always" || (scheme == "first" && first);
            if (prepends && !text.StartsWith(mark, StringComparison.Ordinal))
                text = mark + text;
            if (split)
                Splitting.Split(text, pattern.Matches(text), SplitBehavior.MergedWithNext, false, pieces);
            else
                pieces.Add(text);
        }
    }
}
