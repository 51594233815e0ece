using System.Text.Json;
using SoupsActors.Models.Tokenization;
using SoupsActors.Testing;

namespace SoupsActors.Models.Tests.Tokenization;

/// <summary>Ids and texts of Hugging Face's tokenizers for a small published model.</summary>
public sealed class GoldenTests
{
    [Fact]
    public void Ids_texts_and_streams_equal_the_reference()
    {
        var tokenizer = Tokenizer.Load(SharedData.Require("data/tinystories-656k"));
        using var golden = JsonDocument.Parse(File.ReadAllText(SharedData.Require("golden/tinystories-656k.json")));
        Assert.Equal(8, golden.RootElement.GetArrayLength());
        foreach (var item in golden.RootElement.EnumerateArray())
        {
            var text = item.GetProperty("text").GetString()!;
            var ids = item.GetProperty("ids").EnumerateArray().Select(e => e.GetInt32()).ToArray();
            Assert.Equal(ids, tokenizer.Encode(text));
            Assert.Equal(item.GetProperty("decoded").GetString(), tokenizer.Decode(ids));

            var stream = tokenizer.CreateStream();
            Assert.Equal(tokenizer.Decode(ids), string.Concat(ids.Select(stream.Append)) + stream.Flush());
        }
    }

    [Fact]
    public void Named_ids_and_size_are_those_of_the_files()
    {
        var tokenizer = Tokenizer.Load(SharedData.Require("data/tinystories-656k"));
        Assert.Equal(2048, tokenizer.VocabularySize);
        Assert.Equal((1, 2, 0, 0), (tokenizer.BosId, tokenizer.EosId, tokenizer.UnkId, tokenizer.PadId));
        Assert.Equal(2, tokenizer.IdOf("<|end_story|>"));
        Assert.Equal("<|end_story|>", tokenizer.TokenText(2));
        Assert.Null(tokenizer.TokenText(2048));
        Assert.True(tokenizer.AddsBos);
    }
}
