using System.Text;
using System.Text.Json;
using SoupsActors.Models.Files;
using SoupsActors.Models.Tokenization.Pipeline;

namespace SoupsActors.Models.Tokenization;

/// <summary>
/// A byte-pair tokenizer of a Hugging Face folder: byte-level as in GPT-2, Llama 3, Qwen and SmolLM, or SentencePiece
/// style as in Llama 2, Mistral and TinyLlama. It gives the ids that Hugging Face's tokenizers gives; what it does not
/// support it refuses by name when loading.
/// </summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed class Tokenizer
{
    private readonly TokenizerFile files;
    private readonly Normalizer normalizer;
    private readonly PreTokenizer preTokenizer;
    private readonly BytePairModel model;
    private readonly Dictionary<string, AddedToken> addedByText = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> addedById = [];
    private readonly (AddedTokenMatcher Raw, AddedTokenMatcher Normalized) allTokens;
    private readonly (AddedTokenMatcher Raw, AddedTokenMatcher Normalized) plainTokens;
    private readonly string?[] texts;
    private readonly byte[]?[] bytes;
    private readonly int[] prefix;
    private readonly int[] suffix;

    private Tokenizer(TokenizerFile files, JsonElement tokenizer, JsonElement config, JsonElement map)
    {
        this.files = files;
        normalizer = Normalizer.Read(tokenizer.Part("normalizer"));
        preTokenizer = PreTokenizer.Read(tokenizer.Part("pre_tokenizer"));
        Decoder = TokenDecoder.Read(tokenizer.Part("decoder"));
        var added = AddedTokenReader.Read(tokenizer, config);
        model = new BytePairModel(
            tokenizer.Part("model"), added.Where(t => t.IsControl).Select(t => t.Id).ToHashSet());
        foreach (var token in added)
        {
            if (!addedByText.TryAdd(token.Content, token) || !addedById.TryAdd(token.Id, token))
                throw TokenizerFile.Error($"The added token '{token.Content}' or its id {token.Id} occurs twice.");
        }

        texts = BuildTexts();
        bytes = new byte[]?[texts.Length];
        allTokens = Matchers(added);
        plainTokens = Matchers(added.Where(t => !t.IsControl));

        BosId = Named("bos_token", config, map);
        EosId = Named("eos_token", config, map);
        PadId = Named("pad_token", config, map);
        UnkId = Named("unk_token", config, map) ?? (model.UnknownToken is { } unknown ? IdOf(unknown) : null);

        var around = PostProcessor.Read(tokenizer.Part("post_processor"));
        if (!around.IsTemplate)
        {
            around = new PostProcessor(
                config.Flag("add_bos_token") && BosId is { } bos ? [bos] : [],
                config.Flag("add_eos_token") && EosId is { } eos ? [eos] : [],
                false);
        }

        (prefix, suffix) = (around.Prefix, around.Suffix);
        foreach (var id in (int[])[.. prefix, .. suffix])
        {
            if (!HasText(id))
                throw TokenizerFile.Error($"The post_processor adds the id {id}, which is not in the vocabulary.");
        }
    }

    /// <summary>One more than the largest id. A model may have more logits than this.</summary>
    public int VocabularySize => texts.Length;

    /// <summary>Id of the beginning-of-sequence token, if there is one.</summary>
    public int? BosId { get; }

    /// <summary>Id of the end-of-sequence token, if there is one.</summary>
    public int? EosId { get; }

    /// <summary>Id that stands for characters outside the vocabulary, if there is one.</summary>
    public int? UnkId { get; }

    /// <summary>Id that fills batches, if there is one.</summary>
    public int? PadId { get; }

    /// <summary>Tokens found in the text before it is split.</summary>
    public IReadOnlyCollection<AddedToken> AddedTokens => addedById.Values;

    /// <summary>
    /// Jinja source of the folder's chat template, if it has one; <see cref="Chat.ChatTemplate.Detect"/> reads it.
    /// </summary>
    public string? ChatTemplateSource => files.Jinja();

    /// <summary>Whether <see cref="Encode"/> begins a text with <see cref="BosId"/>.</summary>
    public bool AddsBos => BosId is { } bos && prefix.Contains(bos);

    internal TokenDecoder Decoder { get; }

    internal BytePairModel Model => model;

    /// <summary>
    /// Reads tokenizer.json, tokenizer_config.json, special_tokens_map.json and chat_template.jinja of a folder.
    /// </summary>
    /// <exception cref="ModelFormatException">A file is missing, broken or not supported.</exception>
    public static Tokenizer Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        try
        {
            return Create(TokenizerFile.Read(folder));
        }
        catch (ModelFormatException e) when (e.Path is TokenizerFile.TokenizerName or TokenizerFile.ConfigName
            or TokenizerFile.SpecialTokensName)
        {
            throw new ModelFormatException(folder, e.Message, e);
        }
    }

    /// <summary>Reads the contents of the files.</summary>
    /// <param name="tokenizerJson">tokenizer.json</param>
    /// <param name="configJson">tokenizer_config.json</param>
    /// <param name="specialTokensJson">special_tokens_map.json</param>
    /// <exception cref="ModelFormatException">A file is broken or not supported.</exception>
    public static Tokenizer Parse(string tokenizerJson, string? configJson = null, string? specialTokensJson = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizerJson);
        return Create(new TokenizerFile(
            Encoding.UTF8.GetBytes(tokenizerJson),
            configJson is null ? null : Encoding.UTF8.GetBytes(configJson),
            specialTokensJson is null ? null : Encoding.UTF8.GetBytes(specialTokensJson),
            null));
    }

    /// <summary>
    /// Writes the tokenizer's files, as they were read, into a folder; each file is replaced as a whole.
    /// </summary>
    public void Save(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        files.Write(folder);
    }

    /// <summary>The ids of a text. Lone surrogates count as U+FFFD.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="addSpecialTokens">Whether to add what the files put around a text, such as a beginning token.</param>
    /// <param name="parseSpecial">
    /// Whether control tokens written out in the text are recognised. Use false for what users write, so that it cannot
    /// speak for the system (see <see cref="AddedToken.IsControl"/>).
    /// </param>
    public int[] Encode(string text, bool addSpecialTokens = true, bool parseSpecial = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>(text.Length / 3 + 4);
        if (addSpecialTokens)
            ids.AddRange(prefix);
        Append(text, parseSpecial, atStart: true, ids);
        if (addSpecialTokens)
            ids.AddRange(suffix);
        return [.. ids];
    }

    /// <summary>
    /// The text of tokens; ids outside the vocabulary are left out, bytes that are not UTF-8 become U+FFFD.
    /// </summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecial">Whether to leave special tokens out.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = true)
    {
        var stream = CreateStream(skipSpecial);
        var text = new StringBuilder();
        foreach (var id in ids)
            text.Append(stream.Append(id));
        return text.Append(stream.Flush()).ToString();
    }

    /// <inheritdoc cref="Decode(ReadOnlySpan{int}, bool)"/>
    public string Decode(IReadOnlyList<int> ids, bool skipSpecial = true)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Decode(ids as int[] ?? [.. ids], skipSpecial);
    }

    /// <summary>A decoder for tokens that come one by one.</summary>
    public TextStream CreateStream(bool skipSpecial = true) => new(this, skipSpecial);

    /// <summary>The token as written in the vocabulary, or null for an id that has none.</summary>
    public string? TokenText(int id) => HasText(id) ? texts[id] : null;

    /// <summary>The id of a token as written in the vocabulary, or null.</summary>
    public int? IdOf(string token) => addedByText.TryGetValue(token, out var added) ? added.Id : model.IdOf(token);

    /// <summary>Whether an id is a special token.</summary>
    public bool IsSpecial(int id) => addedById.TryGetValue(id, out var added) && added.Special;

    /// <summary>Whether an id is a control token (see <see cref="AddedToken.IsControl"/>).</summary>
    public bool IsControl(int id) => addedById.TryGetValue(id, out var added) && added.IsControl;

    internal bool HasText(int id) => (uint)id < (uint)texts.Length && texts[id] is not null;

    internal byte[] BytesOf(int id, bool first)
    {
        var added = addedById.ContainsKey(id);
        return first
            ? Decoder.Bytes(texts[id]!, added, first: true)
            : bytes[id] ??= Decoder.Bytes(texts[id]!, added, first: false);
    }

    /// <summary>Appends the ids of a text that begins the input or follows a token.</summary>
    internal void Append(string text, bool parseSpecial, bool atStart, List<int> ids)
    {
        text = Utf16.WellFormed(text);
        var (raw, normalized) = parseSpecial ? allTokens : plainTokens;
        var pieces = new List<string>();
        foreach (var outer in raw.Split(text))
        {
            if (outer.Id >= 0)
            {
                ids.Add(outer.Id);
                continue;
            }

            var part = normalizer.Apply(Slice(text, outer));
            foreach (var inner in normalized.Split(part))
            {
                if (inner.Id >= 0)
                {
                    ids.Add(inner.Id);
                    continue;
                }

                pieces.Clear();
                preTokenizer.Apply(Slice(part, inner), atStart && outer.Start == 0 && inner.Start == 0, pieces);
                foreach (var piece in pieces)
                    model.Encode(piece, ids);
            }
        }
    }

    internal static Tokenizer Create(TokenizerFile files)
    {
        using var tokenizer = JsonFile.Parse(TokenizerFile.TokenizerName, files.Tokenizer);
        using var config = files.Config is null ? null : JsonFile.Parse(TokenizerFile.ConfigName, files.Config);
        using var map = files.SpecialTokens is null
            ? null : JsonFile.Parse(TokenizerFile.SpecialTokensName, files.SpecialTokens);
        return new Tokenizer(
            files, tokenizer.RootElement, config?.RootElement ?? default, map?.RootElement ?? default);
    }

    private static string Slice(string text, TextSegment segment) =>
        segment.Start == 0 && segment.End == text.Length ? text : text[segment.Start..segment.End];

    private (AddedTokenMatcher Raw, AddedTokenMatcher Normalized) Matchers(IEnumerable<AddedToken> tokens)
    {
        var byForm = tokens.ToLookup(t => t.Normalized);
        return (new AddedTokenMatcher(byForm[false], static text => text),
            new AddedTokenMatcher(byForm[true], normalizer.Apply));
    }

    private string?[] BuildTexts()
    {
        var size = model.Vocabulary.Values.Concat(addedById.Keys).DefaultIfEmpty(-1).Max() + 1;
        var result = new string?[size];
        foreach (var (token, id) in model.Vocabulary)
            result[id] = token;
        foreach (var token in addedById.Values)
        {
            if (model.IdOf(token.Content) is { } id && id != token.Id)
            {
                throw TokenizerFile.Error(
                    $"The added token '{token.Content}' has the id {token.Id}, but the vocabulary gives it {id}.");
            }

            if (result[token.Id] is { } other && other != token.Content)
                throw TokenizerFile.Error($"The added token '{token.Content}' has the id of '{other}'.");
            result[token.Id] = token.Content;
        }

        return result;
    }

    private int? Named(string role, JsonElement config, JsonElement map)
    {
        foreach (var source in (ReadOnlySpan<JsonElement>)[config, map])
        {
            var text = source.OptionalText(role) ?? source.Part(role).OptionalText("content");
            if (text is not null && IdOf(text) is { } id)
                return id;
        }

        return null;
    }
}
