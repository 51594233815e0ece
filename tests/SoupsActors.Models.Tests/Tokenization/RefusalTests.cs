using SoupsActors.Models.Files;
using SoupsActors.Models.Tokenization;

namespace SoupsActors.Models.Tests.Tokenization;

public sealed class RefusalTests
{
    private const string Model = """{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}""";

    [Theory]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{}}}""", "WordPiece")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[]}}""", "Unigram")]
    [InlineData("""{"model":{"type":"BPE","dropout":0.1,"vocab":{},"merges":[]}}""", "dropout")]
    [InlineData("""{"model":{"type":"BPE","end_of_word_suffix":"</w>","vocab":{},"merges":[]}}""", "end_of_word_suffix")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}}""", "twice")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":2000000000},"merges":[]}}""", "'a'")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}""", "'a'")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}""", "outside the vocabulary")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a"]}}""", "not a pair")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[[1,2]]}}""", "not a pair")]
    [InlineData("""{"model":{"type":"BPE","unk_token":"?","vocab":{"a":0},"merges":[]}}""", "'?'")]
    [InlineData("""{"model":MODEL,"normalizer":{"type":"Precompiled"}}""", "Precompiled")]
    [InlineData("""{"model":MODEL,"pre_tokenizer":{"type":"BertPreTokenizer"}}""", "BertPreTokenizer")]
    [InlineData("""{"model":MODEL,"post_processor":{"type":"BertProcessing"}}""", "BertProcessing")]
    [InlineData("""{"model":MODEL,"decoder":{"type":"CTC"}}""", "CTC")]
    [InlineData("""{"model":MODEL,"decoder":{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"ByteFallback"}]}}""", "Fuse")]
    [InlineData("""{"model":MODEL,"added_tokens":[{"id":7,"content":"a","special":true}]}""", "'a'")]
    [InlineData("""{"model":MODEL,"added_tokens":[{"id":1,"content":"<s>","special":true}]}""", "'b'")]
    [InlineData("""{"model":MODEL,"added_tokens":[{"id":3,"content":"x"},{"id":3,"content":"y"}]}""", "twice")]
    [InlineData("""{"model":MODEL,"pre_tokenizer":{"type":"Split","pattern":{"Regex":"a"},"behavior":"7"}}""", "'7'")]
    [InlineData("""{"model":MODEL,"pre_tokenizer":{}}""", "type")]
    [InlineData("""{"model":MODEL,"model":MODEL}""", "JSON")]
    [InlineData("""[]""", "object")]
    [InlineData("""{""", "JSON")]
    [InlineData("""{}""", "model")]
    public void What_is_broken_or_not_supported_is_refused_by_name(string json, string named)
    {
        var error = Assert.Throws<ModelFormatException>(() => Tokenizer.Parse(json.Replace("MODEL", Model)));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_tokenizer_is_refused_with_what_to_do()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var error = Assert.Throws<ModelFormatException>(() => Tokenizer.Load(folder.FullName));
            Assert.Contains("tokenizer.json", error.Message, StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(folder.FullName, "tokenizer.json"), """{"model":{"type":"Unigram"}}""");
            error = Assert.Throws<ModelFormatException>(() => Tokenizer.Load(folder.FullName));
            Assert.Contains(folder.FullName, error.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
