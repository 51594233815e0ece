using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Models.Tokenization;

namespace SoupsActors.Models.Tests.Tokenization;

public sealed class StreamTests
{
    [Fact]
    public void Any_ids_stream_to_what_decoding_all_gives()
    {
        var tokenizers = Several();
        var ids = Gen.Choose(0, 300).ArrayOf().ToArbitrary();
        Prop.ForAll(ids, all => tokenizers.All(t => Streamed(t, all) == Reference(t, all))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void No_piece_ends_inside_a_character()
    {
        foreach (var tokenizer in Several())
        {
            var stream = tokenizer.CreateStream();
            foreach (var id in tokenizer.Encode("a😀é你 \U0001D400", addSpecialTokens: false))
            {
                var piece = stream.Append(id);
                Assert.DoesNotContain('\uFFFD', piece);
                Assert.False(piece.Length > 0 && char.IsHighSurrogate(piece[^1]));
            }

            Assert.Equal("", stream.Flush());
        }
    }

    [Fact]
    public void An_unfinished_character_comes_out_as_a_replacement_at_the_end()
    {
        var tokenizer = TinyTokenizers.ByteLevel([]);
        var stream = tokenizer.CreateStream();
        Assert.Equal("", stream.Append(0xF0));
        Assert.Equal("", stream.Append(0x9F));
        Assert.Equal("\uFFFD", stream.Flush());
        Assert.Equal("a", stream.Append('a'));
    }

    [Fact]
    public void Special_tokens_come_out_only_where_asked_for()
    {
        var tokenizer = TinyTokenizers.ByteLevel([], [new(256, "<end>"), new(257, "<note>", Special: false)]);
        int[] ids = ['a', 256, 257, 'b'];
        Assert.Equal("a<note>b", tokenizer.Decode(ids));
        Assert.Equal("a<end><note>b", tokenizer.Decode(ids, skipSpecial: false));
    }

    [Fact]
    public void An_added_token_of_latin_letters_stands_for_itself()
    {
        var tokenizer = TinyTokenizers.ByteLevel([], [new(256, "<é>")]);
        Assert.Equal("<é>", tokenizer.Decode([256], skipSpecial: false));
    }

    [Fact]
    public void Ids_outside_the_vocabulary_add_nothing()
    {
        var tokenizer = TinyTokenizers.ByteLevel([]);
        Assert.Equal("ab", tokenizer.Decode(['a', 99_999, -1, 'b']));
    }

    [Fact]
    public void Spaces_at_the_end_are_stripped_as_far_as_the_decoder_says()
    {
        var tokenizer = TinyTokenizers.SentencePiece(["▁", "a"], [], decoder:
            """
            {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"Fuse"},
             {"type":"Strip","content":" ","start":1,"stop":2}]}
            """);
        foreach (var (text, expected) in new[] { ("▁▁a▁a▁▁▁", " a a "), ("a▁", "a"), ("▁▁▁▁", " "), ("▁", "") })
        {
            var ids = tokenizer.Encode(text, addSpecialTokens: false);
            Assert.Equal(expected, Streamed(tokenizer, ids));
        }
    }

    [Fact]
    public void Tokens_without_a_decoder_are_joined_by_spaces()
    {
        var tokenizer = TinyTokenizers.Build(["a", "b"], [], [], null, null, null, null, []);
        Assert.Equal("a b a", tokenizer.Decode([0, 1, 0]));
    }

    private static string Streamed(Tokenizer tokenizer, int[] ids)
    {
        var stream = tokenizer.CreateStream();
        return string.Concat(ids.Select(stream.Append)) + stream.Flush();
    }

    /// <summary>All bytes at once, then the strips: the plain way of decoding.</summary>
    private static string Reference(Tokenizer tokenizer, int[] ids)
    {
        var bytes = new List<byte>();
        foreach (var id in ids.Where(id => tokenizer.TokenText(id) is not null && !tokenizer.IsSpecial(id)))
        {
            var token = tokenizer.TokenText(id)!;
            if (tokenizer.TokenText(0) != "<unk>")
                bytes.AddRange(id < 256 ? [(byte)id] : System.Text.Encoding.ASCII.GetBytes("ab"));
            else
                bytes.AddRange(id is >= 3 and < 259 ? [(byte)(id - 3)] : System.Text.Encoding.UTF8.GetBytes(token.Replace('▁', ' ')));
        }

        var text = System.Text.Encoding.UTF8.GetString([.. bytes]);
        return tokenizer.TokenText(0) == "<unk>" && text.StartsWith(' ') ? text[1..] : text;
    }

    private static Tokenizer[] Several() => [
        TinyTokenizers.ByteLevel(["a b"]),
        TinyTokenizers.SentencePiece(["▁", "a"], [], """{"type":"Prepend","prepend":"▁"}"""),
    ];
}
