using System.Text.Json;

namespace SoupsActors.Models.Tokenization.Pipeline;

/// <summary>Gathers the added tokens of tokenizer.json and of tokenizer_config.json's added_tokens_decoder.</summary>
internal static class AddedTokenReader
{
    private const int LargestId = 1 << 24;

    public static List<AddedToken> Read(JsonElement tokenizer, JsonElement config)
    {
        var tokens = new List<AddedToken>();
        if (!tokenizer.Part("added_tokens").IsAbsent())
        {
            foreach (var item in tokenizer.Items("added_tokens", "list of added tokens"))
                tokens.Add(ReadOne(item, item.Number("id", "added token")));
        }

        var ids = tokens.Select(t => t.Id).ToHashSet();
        if (config.Part("added_tokens_decoder") is { ValueKind: JsonValueKind.Object } more)
        {
            foreach (var item in more.EnumerateObject())
            {
                if (!int.TryParse(item.Name, out var id))
                    throw TokenizerFile.Error($"'{item.Name}' in added_tokens_decoder is not a token id.");
                if (!ids.Contains(id))
                    tokens.Add(ReadOne(item.Value, id));
            }
        }

        return tokens;
    }

    private static AddedToken ReadOne(JsonElement item, int id)
    {
        var content = item.Text("content", "added token");
        if (id is < 0 or > LargestId || content.Length == 0)
        {
            throw TokenizerFile.Error(
                $"The added token '{content}' with id {id} is empty or has no id from 0 to {LargestId}.");
        }

        var special = item.Flag("special");
        return new AddedToken(
            id,
            content,
            special,
            item.Flag("normalized", !special),
            item.Flag("single_word"),
            item.Flag("lstrip"),
            item.Flag("rstrip"));
    }
}
