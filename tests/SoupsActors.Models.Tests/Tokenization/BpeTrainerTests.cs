using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Models.Tokenization;
using SoupsActors.Models.Tokenization.Chat;
using SoupsActors.Models.Tokenization.Training;

namespace SoupsActors.Models.Tests.Tokenization;

public sealed class BpeTrainerTests
{
    private static readonly BpeTrainerOptions Options = new()
    {
        VocabularySize = 300,
        SpecialTokens = ["<|pad|>", "<|im_start|>", "<|im_end|>"],
        MinFrequency = 2,
        BosToken = "<|im_start|>",
        EosToken = "<|im_end|>",
        PadToken = "<|pad|>",
    };

    [Fact]
    public void The_most_frequent_pair_is_merged_first_and_ties_go_to_smaller_ids()
    {
        // low ×3, lot ×2: (l,o) 5, (o,w) 3, (o,t) 2.
        var tokenizer = BpeTrainer.Train(["low", "low", "low", "lot", "lot"], Options);
        Assert.Equal("lo", tokenizer.TokenText(259));
        Assert.Equal("low", tokenizer.TokenText(260));
        Assert.Equal("lot", tokenizer.TokenText(261));
        Assert.Equal(262, tokenizer.VocabularySize);

        var tied = BpeTrainer.Train(["dc", "dc", "ab", "ab"], Options);
        Assert.Equal(("ab", "dc"), (tied.TokenText(259), tied.TokenText(260)));
    }

    [Fact]
    public void Training_equals_counting_anew_after_every_merge()
    {
        var letter = Gen.Elements('a', 'b', 'c', ' ');
        var text = letter.ArrayOf().Select(cs => new string(cs));
        Prop.ForAll(text.ArrayOf().ToArbitrary(), texts =>
        {
            var tokenizer = BpeTrainer.Train(texts, Options with { VocabularySize = 280 });
            var learned = Enumerable.Range(259, tokenizer.VocabularySize - 259).Select(id => tokenizer.TokenText(id));
            Assert.Equal(NaiveTokens(texts, 21), learned);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Special_tokens_and_digits_are_never_part_of_a_word()
    {
        var texts = Enumerable.Repeat("<|im_start|>11 11<|im_end|>", 50);
        var tokenizer = BpeTrainer.Train(texts, Options);
        Assert.Equal(259, tokenizer.VocabularySize);
        Assert.Equal((1, 2, 0), (tokenizer.BosId, tokenizer.EosId, tokenizer.PadId));
        Assert.Equal(["<|im_start|>", "1", "1", "Ġ", "1", "1", "<|im_end|>"], tokenizer.Texts("<|im_start|>11 11<|im_end|>"));
    }

    [Fact]
    public void A_word_spelled_like_a_special_token_stays_in_pieces()
    {
        var tokenizer = BpeTrainer.Train(
            Enumerable.Repeat("xstopx", 9), Options with { SpecialTokens = ["xs"], BosToken = null, EosToken = null, PadToken = null });
        Assert.DoesNotContain(0, tokenizer.Encode("xstopx", parseSpecial: false));
        Assert.Equal("xstopx", tokenizer.Decode(tokenizer.Encode("xstopx", parseSpecial: false)));
    }

    [Fact]
    public void A_saved_tokenizer_loads_to_equal_behaviour()
    {
        var options = Options with { AddBos = true, ChatTemplate = ChatTemplate.ChatMl };
        string[] corpus = ["the cat sat on the mat\n", "the café of the cat 😀", "\"quoted\\\" </> text"];
        var trained = BpeTrainer.Train(corpus, options);
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            trained.Save(folder.FullName);
            var loaded = Tokenizer.Load(folder.FullName);
            Assert.Equal(trained.VocabularySize, loaded.VocabularySize);
            foreach (var text in (string[])[.. corpus, "", "unseen <|im_end|> 123"])
            {
                Assert.Equal(trained.Encode(text), loaded.Encode(text));
                Assert.Equal(1, loaded.Encode(text)[0]);
                Assert.Equal(text.Replace("<|im_end|>", ""), loaded.Decode(loaded.Encode(text)));
            }

            Assert.Equal("chatml", ChatTemplate.For(loaded).Name);
            Assert.Equal(
                ["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"],
                folder.EnumerateFiles().Select(f => f.Name).Order());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Training_twice_writes_the_same_bytes()
    {
        byte[] Train(IEnumerable<string> texts)
        {
            var folder = Directory.CreateTempSubdirectory();
            BpeTrainer.Train(texts, Options).Save(folder.FullName);
            var bytes = File.ReadAllBytes(Path.Combine(folder.FullName, "tokenizer.json"));
            folder.Delete(recursive: true);
            return bytes;
        }

        string[] texts = ["one two three one two", "three two one", "four five"];
        Assert.Equal(Train(texts), Train(texts.Reverse()));
    }

    [Fact]
    public void Progress_ends_at_the_number_of_merges_and_cancelling_ends_the_training()
    {
        var reports = new List<BpeTrainingProgress>();
        var tokenizer = BpeTrainer.Train(["aaaa bbbb aaaa bbbb"], Options, new Collector(reports));
        Assert.Equal(new BpeTrainingProgress(tokenizer.VocabularySize - 259, 41), reports[^1]);

        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => BpeTrainer.Train(["a"], Options, null, cancelled.Token));
    }

    [Fact]
    public void Impossible_options_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => BpeTrainer.Train([], Options with { VocabularySize = 258 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => BpeTrainer.Train([], Options with { MinFrequency = 0 }));
        Assert.Throws<ArgumentException>(() => BpeTrainer.Train([], Options with { EosToken = "<none>" }));
        Assert.Throws<ArgumentException>(() => BpeTrainer.Train([], Options with { SpecialTokens = ["a", "<|im_start|>"] }));
        Assert.Throws<ArgumentException>(() => BpeTrainer.Train([], Options with { SpecialTokens = ["<x>", "<x>"] }));
    }

    /// <summary>
    /// The textbook loop on words of letters and single spaces: count all pairs, merge the best, start over.
    /// </summary>
    private static List<string> NaiveTokens(string[] texts, int merges)
    {
        var ids = TinyTokenizers.ByteLevel([]);
        var words = texts.SelectMany(t => Words(t)).Select(w => w.Select(c => c.ToString()).ToList()).ToList();
        var alphabet = Enumerable.Range(0, 256).Select(id => ids.TokenText(id)!).Order(StringComparer.Ordinal).ToList();
        var learned = new List<string>();
        while (learned.Count < merges)
        {
            var best = words
                .SelectMany(w => w.Zip(w.Skip(1)))
                .GroupBy(p => p)
                .Where(g => g.Count() >= 2)
                .OrderByDescending(g => g.Count()).ThenBy(g => Id(g.Key.First)).ThenBy(g => Id(g.Key.Second))
                .Select(g => ((string, string)?)g.Key)
                .FirstOrDefault();
            if (best is not var (left, right))
                break;
            foreach (var word in words)
            {
                for (var i = 0; i + 1 < word.Count; i++)
                {
                    if (word[i] != left || word[i + 1] != right)
                        continue;
                    word[i] = left + right;
                    word.RemoveAt(i + 1);
                }
            }

            if (!learned.Contains(left + right))
                learned.Add(left + right);
        }

        return learned;

        int Id(string token) => token.Length == 1 ? alphabet.IndexOf(token) : 256 + learned.IndexOf(token);
    }

    /// <summary>
    /// GPT-2's words for letters and spaces: a word takes one space before it, the rest of the spaces stay together.
    /// </summary>
    private static IEnumerable<string> Words(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            var end = i;
            while (end < text.Length && text[end] == ' ')
                end++;
            if (end > i && end < text.Length && end - i > 1)
            {
                yield return new string('Ġ', end - i - 1);
                i = end - 1;
                continue;
            }

            while (end < text.Length && text[end] != ' ')
                end++;
            yield return text[i..end].Replace(' ', 'Ġ');
            i = end;
        }
    }

    private sealed class Collector(List<BpeTrainingProgress> reports) : IProgress<BpeTrainingProgress>
    {
        public void Report(BpeTrainingProgress value) => reports.Add(value);
    }
}
