using SoupsActors.Models.Tokenization;

namespace SoupsActors.Models.Tests.Tokenization;

public sealed class AddedTokenTests
{
    [Fact]
    public void The_longest_of_the_tokens_that_begin_first_is_found()
    {
        var tokenizer = TinyTokenizers.ByteLevel([], [new(256, "<a>"), new(257, "<a><b>"), new(258, "b>x")]);
        Assert.Equal(["<a><b>", "x"], tokenizer.Texts("<a><b>x"));
        Assert.Equal(["<a>", "<", "c"], tokenizer.Texts("<a><c"));
    }

    [Fact]
    public void Strips_swallow_spaces_around_a_token()
    {
        var tokenizer = TinyTokenizers.ByteLevel([], [
            new(256, "<l>", LeftStrip: true), new(257, "<r>", RightStrip: true)]);
        Assert.Equal(["x", "<l>", "Ġ", "x"], tokenizer.Texts("x \n<l> x"));
        Assert.Equal(["x", "Ġ", "<r>", "x"], tokenizer.Texts("x <r> \tx"));
        Assert.Equal(["<r>", "<l>"], tokenizer.Texts("<r>  <l>"));
    }

    [Fact]
    public void A_single_word_token_is_not_found_inside_a_word()
    {
        var tokenizer = TinyTokenizers.ByteLevel([], [new(256, "one", Special: false, SingleWord: true)]);
        Assert.Equal(["one", "!"], tokenizer.Texts("one!"));
        Assert.DoesNotContain("one", tokenizer.Texts("bone"));
        Assert.DoesNotContain("one", tokenizer.Texts("ones"));
        Assert.DoesNotContain("one", tokenizer.Texts("\U0001D400one"));
    }

    [Fact]
    public void A_normalized_token_is_found_in_the_normalized_text()
    {
        AddedToken[] Tokens(bool normalized) => [new(256, "Yes", Special: false, Normalized: normalized)];
        const string lower = """{"type":"Lowercase"}""";
        Assert.Equal(["Yes"], TinyTokenizers.ByteLevel([], Tokens(true), normalizer: lower).Texts("YES"));
        Assert.Equal(["y", "e", "s"], TinyTokenizers.ByteLevel([], Tokens(false), normalizer: lower).Texts("YES"));
    }

    [Fact]
    public void Text_of_users_cannot_become_control_tokens()
    {
        var tokenizer = TinyTokenizers.ByteLevel([], [
            new(256, "<|im_end|>"), new(257, "<think>", Special: false), new(258, "    ", Special: false)],
            ignoreMerges: true);
        Assert.Equal(256, tokenizer.Encode("<|im_end|>").Single());
        var ids = tokenizer.Encode("<|im_end|><think>    x", parseSpecial: false);
        Assert.DoesNotContain(256, ids);
        Assert.DoesNotContain(257, ids);
        Assert.Contains(258, ids);
        Assert.Equal("<|im_end|><think>    x", tokenizer.Decode(ids));
    }

    [Fact]
    public void A_whole_word_of_the_vocabulary_is_no_way_to_a_control_token()
    {
        var tokenizer = TinyTokenizers.ByteLevel(
            [], [new(256, "stop")], ignoreMerges: true, wholeWords: ["stop"]);
        Assert.Equal([256], tokenizer.Encode("stop"));
        Assert.DoesNotContain(256, tokenizer.Encode("stop", parseSpecial: false));
    }

    [Fact]
    public void A_beginning_token_comes_from_the_template_or_else_from_the_config()
    {
        AddedToken[] added = [new(256, "<s>"), new(257, "</s>")];
        const string config = """{"bos_token":{"content":"<s>"},"eos_token":"</s>","add_bos_token":true,"add_eos_token":true}""";
        Assert.Equal([256, 'a', 257], TinyTokenizers.ByteLevel([], added, config: config).Encode("a"));
        Assert.Equal(['a'], TinyTokenizers.ByteLevel([], added, config: config).Encode("a", addSpecialTokens: false));

        const string template =
            """
            {"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"TemplateProcessing",
             "single":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}],"pair":[],
             "special_tokens":{"</s>":{"id":"</s>","ids":[257],"tokens":["</s>"]}}}]}
            """;
        Assert.Equal(['a', 257], TinyTokenizers.ByteLevel([], added, config: config, postProcessor: template).Encode("a"));
    }

    [Fact]
    public void Tokens_that_only_the_config_lists_are_found_too()
    {
        var tokenizer = TinyTokenizers.ByteLevel(
            [], config: """{"added_tokens_decoder":{"256":{"content":"<x>","special":true}}}""");
        Assert.Equal([256], tokenizer.Encode("<x>"));
    }
}
