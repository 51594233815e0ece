using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SoupsActors.Models.Tokenization.Pipeline;

/// <summary>
/// How tokens become text again. The decoders of a tokenizer.json are brought into one form that can stream: what each
/// token's bytes are, and what is stripped at the ends of the whole text.
/// </summary>
internal sealed class TokenDecoder
{
    private const string Supported = "ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace, Sequence";

    private readonly List<Func<string, bool, string>> rewrites = [];
    private bool spells;
    private bool fallsBack;
    private bool fused;

    private TokenDecoder()
    {
    }

    /// <summary>Tokens stand apart by a space where a tokenizer.json names no decoder.</summary>
    public bool JoinsWithSpaces { get; private init; }

    /// <summary>The character stripped at the ends of the text.</summary>
    public char StripCharacter { get; private set; }

    /// <summary>Most characters stripped at the start.</summary>
    public int StripStart { get; private set; }

    /// <summary>Most characters stripped at the end.</summary>
    public int StripEnd { get; private set; }

    public static TokenDecoder Read(JsonElement part)
    {
        if (part.IsAbsent())
            return new TokenDecoder { JoinsWithSpaces = true };
        var decoder = new TokenDecoder();
        decoder.Add(part);
        return decoder;
    }

    /// <summary>The UTF-8 bytes that a token adds; they need not be whole characters.</summary>
    /// <param name="token">The token as in the vocabulary.</param>
    /// <param name="added">Whether it is an added token, whose text stands for itself among byte-level tokens.</param>
    /// <param name="first">Whether it is the first token of the text.</param>
    public byte[] Bytes(string token, bool added, bool first)
    {
        foreach (var rewrite in rewrites)
            token = rewrite(token, first);
        if (fallsBack && ByteOf(token) is { } value)
            return [value];

        return spells && !added ? ByteAlphabet.Bytes(token) : Encoding.UTF8.GetBytes(token);
    }

    /// <summary>The byte of a token such as &lt;0x0A&gt;.</summary>
    private static byte? ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
        && byte.TryParse(
            token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    private void Add(JsonElement part)
    {
        var type = part.TypeName("decoder");
        switch (type)
        {
            case "Sequence":
                foreach (var item in part.Items("decoders", "decoder"))
                    Add(item);
                break;
            case "ByteLevel":
                spells = fused = true;
                break;
            case "ByteFallback" when !fused:
                fallsBack = true;
                break;
            case "Fuse":
                fused = true;
                break;
            case "Replace" when !fused:
                var pattern = TextPattern.Read(part.Part("pattern"), "decoder");
                var content = part.Text("content", "decoder");
                Rewrite((token, _) => pattern.Replace(token, content));
                break;
            case "Metaspace" when !fused:
                var mark = part.OptionalText("replacement") ?? "\u2581";
                var scheme = part.OptionalText("prepend_scheme");
                var prepends = scheme is null ? part.Flag("add_prefix_space", true) : scheme != "never";
                Rewrite((token, first) => token.Replace(mark, first && prepends ? "" : " ", StringComparison.Ordinal));
                break;
            case "Strip":
                AddStrip(part);
                break;
            case "ByteFallback" or "Replace" or "Metaspace":
                throw TokenizerFile.Error(
                    $"The tokenizer's decoder '{type}' after Fuse or ByteLevel is not supported.");
            default:
                throw JsonParts.Unsupported("decoder", type, Supported);
        }
    }

    /// <summary>
    /// Text rewrites run on the token, so one that follows byte fallback leaves the byte tokens alone.
    /// </summary>
    private void Rewrite(Func<string, bool, string> rewrite)
    {
        var afterBytes = fallsBack;
        rewrites.Add((token, first) => afterBytes && ByteOf(token) is not null ? token : rewrite(token, first));
    }

    private void AddStrip(JsonElement part)
    {
        var content = part.Text("content", "decoder");
        var (start, stop) = (part.Number("start", "decoder"), part.Number("stop", "decoder"));
        if (content.Length != 1 || start < 0 || stop < 0)
            throw TokenizerFile.Error("The tokenizer's decoder 'Strip' needs one character and counts from 0.");
        if (fused)
        {
            if (StripStart + StripEnd > 0)
                throw TokenizerFile.Error("The tokenizer's decoder strips the text twice, which is not supported.");
            (StripCharacter, StripStart, StripEnd) = (content[0], start, stop);
            return;
        }

        Rewrite((token, _) =>
        {
            var from = 0;
            while (from < start && from < token.Length && token[from] == content[0])
                from++;
            var to = token.Length;
            while (token.Length - to < stop && to > from && token[to - 1] == content[0])
                to--;
            return token[from..to];
        });
    }
}
