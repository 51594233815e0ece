using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Data.Datasets;
using SoupsActors.Models.Tokenization.Chat;
using SoupsActors.Testing;

namespace SoupsActors.Learning.Tests.Data;

public sealed class DatasetReaderTests
{
    private readonly DatasetReport report = new();

    [Theory]
    [InlineData("""{"prompt":"p","chosen":"a","rejected":"b","margin":1.5}""")]
    [InlineData(
        """{"prompt":[{"role":"user","content":"p"}],"chosen":[{"role":"assistant","content":"a"}]"""
        + ""","rejected":[{"role":"assistant","content":"b"}],"margin":1.5}""")]
    [InlineData(
        """{"chosen":[{"role":"user","content":"p"},{"role":"assistant","content":"a"}]"""
        + ""","rejected":[{"role":"user","content":"p"},{"role":"assistant","content":"b"}],"margin":1.5}""")]
    [InlineData(
        """{"prompt":"p","chosen":[{"role":"user","content":"p"},{"role":"assistant","content":"a"}]"""
        + ""","rejected":[{"role":"user","content":"p"},{"role":"assistant","content":"b"}],"margin":1.5}""")]
    public async Task every_shape_of_a_pair_reads_alike(string line)
    {
        var pair = Assert.IsType<PairRow>(Assert.Single(await Read(line)));
        Assert.Equal(("p", "a", "b", 1.5), (pair.Prompt, pair.Chosen, pair.Rejected, pair.Margin));
        Assert.Empty(pair.Earlier);
        Assert.Equal((1, 1, 0), (report.Entries, report.Rows, report.Bad));
    }

    [Fact]
    public async Task a_conversation_before_the_prompt_is_kept()
    {
        var row = Assert.Single(await Read(
            """{"prompt":[{"role":"system","content":"s"},{"role":"user","content":"u"},"""
            + """{"role":"assistant","content":"x"},{"role":"user","content":"p"}],"chosen":"a","rejected":"b"}"""));
        Assert.Equal("p", row.Prompt);
        Assert.Equal([new("system", "s"), new("user", "u"), new ChatTurn("assistant", "x")], row.Earlier);
    }

    [Fact]
    public async Task unpaired_rows_carry_their_label()
    {
        var rows = await Read(
            """
            {"prompt":"p","completion":"a","label":true}
            {"prompt":"p","completion":"b","label":0}
            """);
        Assert.Equal([("a", true), ("b", false)], rows.Cast<LabelledRow>().Select(r => (r.Completion, r.Label)));
        Assert.All(rows, r => Assert.Empty(r.Comparisons()));
    }

    [Fact]
    public async Task transcripts_of_hh_are_taken_apart()
    {
        var row = Assert.Single(await Read(Line(new
        {
            chosen = "\n\nHuman: Hello: Human: you?\n\nAssistant: Hi.\n\nHuman: Why?\n\nAssistant: Because.\n\nIndeed.",
            rejected = "\n\nHuman: Hello: Human: you?\n\nAssistant: Hi.\n\nHuman: Why?\n\nAssistant: Dunno.",
        })));
        var pair = Assert.IsType<PairRow>(row);
        Assert.Equal(("Why?", "Because.\n\nIndeed.", "Dunno."), (pair.Prompt, pair.Chosen, pair.Rejected));
        Assert.Equal([new("user", "Hello: Human: you?"), new ChatTurn("assistant", "Hi.")], pair.Earlier);
    }

    [Fact]
    public async Task completion_a_of_personalized_soups_is_the_preferred_one()
    {
        var pair = Assert.IsType<PairRow>(Assert.Single(await Read(
            """{"user_input":"p","completion_a":"a","completion_b":"b"}""", new() { Preference = "P2A" })));
        Assert.Equal(("p", "a", "b", "P2A"), (pair.Prompt, pair.Chosen, pair.Rejected, pair.Preference));
    }

    [Fact]
    public async Task a_sentence_stands_for_its_preference()
    {
        var options = new DatasetOptions
        {
            PreferenceBySentence = new Dictionary<string, string> { ["Be kind."] = "P3A" },
        };
        var rows = await Read(
            """
            [{"prompt":"p","chosen":"a","rejected":"b","ground_truth_persona":"Be kind."},
             {"prompt":"p","chosen":"a","rejected":"b","ground_truth_persona":"Be a pirate."}]
            """,
            options);
        Assert.Equal("P3A", Assert.Single(rows).Preference);
        Assert.Equal(
            (2, "asks for an unknown preference: 'Be a pirate.'"),
            (report.Problems[0].Line, report.Problems[0].Reason));
    }

    [Fact]
    public async Task ratings_of_ultrafeedback_are_read_as_text_and_as_numbers()
    {
        var row = Assert.IsType<RatedRow>(Assert.Single(await Read(Ultra(
            Completion("best", "5", "4"),
            Completion("middle", 3, "N/A"),
            Completion("unrated", "N/A", "N/A"),
            Completion("worst", "1", "2")))));
        Assert.Equal([("best", 4.5), ("middle", 3.0), ("worst", 1.5)], row.Answers.Select(a => (a.Text, a.Mean)));
        Assert.Equal(1, report.Skipped["a completion without a mark"]);
        Assert.Equal(
            [("best", "middle", 1.5), ("best", "worst", 3.0), ("middle", "worst", 1.5)],
            row.Comparisons().Select(c => (c.Chosen, c.Rejected, c.Margin!.Value)));
        Assert.Equal("ultrafeedback/evol", row.Source);
    }

    [Theory]
    [InlineData("1", "2", 1.0)]
    [InlineData("5", "5", 10.0)]
    [InlineData("3", "3", null)]
    public async Task an_overall_score_of_10_is_believed_only_where_the_aspects_agree(
        string one, string two, double? expected)
    {
        var rows = await Read(
            Ultra(Completion("a", one, two, 10), Completion("b", "3", "3", 7.5)), new() { Aspect = "overall" });
        var answers = Assert.IsType<RatedRow>(Assert.Single(rows)).Answers;
        Assert.Equal(expected, answers.FirstOrDefault(a => a.Text == "a")?.Mean);
        Assert.Equal(
            expected is null ? 1 : 0,
            report.Skipped.GetValueOrDefault("an overall score of 10 that the aspects contradict"));
    }

    [Fact]
    public async Task one_aspect_can_be_chosen()
    {
        var rows = await Read(
            Ultra(Completion("a", "5", "1"), Completion("b", "1", "5")), new() { Aspect = "honesty" });
        var pair = Assert.Single(Assert.Single(rows).Comparisons());
        Assert.Equal(("b", "a", 4.0), (pair.Chosen, pair.Rejected, pair.Margin));
    }

    [Fact]
    public async Task trees_of_openassistant_become_rankings_at_every_prompter()
    {
        var rows = await Read(Line(new
        {
            message_tree_id = "t",
            tree_state = "ready_for_export",
            prompt = Prompter("q1",
                Assistant("a2", 1),
                Assistant("a1", 0,
                    Prompter("q2", Assistant("b1", 0), Assistant("b2", 1), Assistant("b3", null))),
                Removed("gone", deleted: true, accepted: true),
                Removed("bad", deleted: false, accepted: false)),
        }));
        Assert.Equal(["a1>a2", "b1>b2"], rows.SelectMany(r => r.Comparisons()).Select(c => $"{c.Chosen}>{c.Rejected}"));
        Assert.Equal([new("user", "q1"), new ChatTurn("assistant", "a1")], rows[1].Earlier);
        Assert.Equal(
            ["a deleted message with its replies", "a rejected message with its replies", "a reply without a rank"],
            report.Skipped.Keys);
    }

    [Theory]
    [InlineData("{\"prompt\":\"p\",\"chosen\":\"a\"}", "has no field `rejected`")]
    [InlineData("{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"a\"}", "prefers one of two equal answers")]
    [InlineData("{\"prompt\":\" \",\"chosen\":\"a\",\"rejected\":\"b\"}", "has an empty `prompt`")]
    [InlineData("{\"prompt\":\"p\",\"chosen\":\"\",\"rejected\":\"b\"}", "has an empty `chosen`")]
    [InlineData("{\"prompt\":\"p\",\"chosen\":1,\"rejected\":\"b\"}", "has a `chosen` that is no list")]
    [InlineData(
        "{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"b\",\"margin\":\"x\"}",
        "has a `margin` that is no number")]
    [InlineData("{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"b\",\"margin\":-1}", "has a negative `margin`")]
    [InlineData("{\"prompt\":\"p\",\"chosen\":\"a\\ud800\",\"rejected\":\"b\"}", "has broken Unicode in `chosen`")]
    [InlineData(
        "{\"prompt\":[{\"role\":\"wizard\",\"content\":\"p\"}],\"chosen\":\"a\",\"rejected\":\"b\"}",
        "has a message of unknown role 'wizard' in `prompt`")]
    [InlineData(
        "{\"prompt\":[],\"chosen\":\"a\",\"rejected\":\"b\"}",
        "has a prompt that does not end with a message of the user")]
    [InlineData(
        "{\"prompt\":\"p\",\"completion\":\"a\",\"label\":\"yes\"}",
        "has a `label` that is neither true nor false")]
    [InlineData(
        "{\"chosen\":\"hello\",\"rejected\":\"hi\"}",
        "has a `chosen` that does not begin with a speaker (\"Human:\")")]
    [InlineData(
        "{\"chosen\":\"\\n\\nHuman: a\\n\\nAssistant: b\",\"rejected\":\"\\n\\nHuman: x\\n\\nAssistant: c\"}",
        "has transcripts that differ before the last answer")]
    [InlineData(
        "{\"chosen\":\"\\n\\nHuman: a\",\"rejected\":\"\\n\\nHuman: a\"}",
        "has a prompt that does not end with a message of the user")]
    [InlineData("{\"instruction\":\"p\",\"completions\":[]}", "has no completion with a text and a mark")]
    [InlineData(
        "{\"prompt\":{\"role\":\"prompter\",\"text\":\"p\"}}",
        "is a tree without two ranked replies to one message")]
    [InlineData(
        "{\"tree_state\":\"aborted_low_grade\",\"prompt\":{\"role\":\"prompter\",\"text\":\"p\"}}",
        "is a tree in state 'aborted_low_grade', not 'ready_for_export'")]
    [InlineData("[1", "the file ends inside of the list; it seems to be cut off")]
    [InlineData("[1]", "is no JSON object { ... }")]
    [InlineData("\"text\"", "is no JSON object { ... }")]
    [InlineData("[{}] {}", "text follows after the end of the list")]
    [InlineData("{\"prompt\":", "is not valid JSON at byte 11")]
    public async Task a_bad_entry_is_counted_with_its_reason(string entry, string reason)
    {
        Assert.Empty(await Read(entry));
        Assert.Contains(report.Problems, p => p.Line == 1 && p.Reason == reason);
        Assert.Equal(report.Problems.Count, report.Bad);
    }

    [Fact]
    public async Task bad_lines_are_named_and_good_ones_between_them_are_read()
    {
        const string Good = """{"prompt":"p","chosen":"a","rejected":"b"}""";
        var rows = await Read($"{Good}\nnonsense\n\n{Good}\r\n{{\"prompt\":\"p\"}}\n{Good}");
        Assert.Equal([1L, 4, 6], rows.Select(r => r.Line));
        Assert.Equal([2L, 5], report.Problems.Select(p => p.Line));
        Assert.Equal((5, 3, 2), (report.Entries, report.Rows, report.Bad));
    }

    [Fact]
    public async Task lists_are_read_element_by_element_with_the_lines_where_they_begin()
    {
        var rows = await Read(
            """
            [
              {"prompt": "p [\"]\\", "chosen": "a}", "rejected": "{b"},
              {"prompt": 3},

              {
                "prompt": "q", "chosen": "a", "rejected": "b"
              }
            ]
            """);
        Assert.Equal([(2L, "p [\"]\\"), (5L, "q")], rows.Select(r => (r.Line, r.Prompt)));
        Assert.Equal(3, Assert.Single(report.Problems).Line);
    }

    [Fact]
    public async Task huge_entries_are_passed_over_without_being_held()
    {
        var options = new DatasetOptions { MaxEntryBytes = 2048 };
        var huge = "{\"prompt\":\"" + new string('x', 300_000) + "\"}";
        const string Good = """{"prompt":"p","chosen":"a","rejected":"b"}""";
        Assert.Equal([2L], (await Read(huge + "\n" + Good, options)).Select(r => r.Line));
        Assert.Equal([1L], (await Read($"[{huge},{Good}]", options)).Select(r => r.Line));
        Assert.All(report.Problems, p => Assert.Contains("at most 2048", p.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task deep_nesting_and_broken_text_are_bad_entries_not_crashes()
    {
        var deep = new string('[', 100_000) + new string(']', 100_000);
        byte[] broken = [.. "{\"prompt\":\""u8, 0xC3, 0x28, .. "\"}\n"u8];
        Assert.Empty(await Read([.. Encoding.UTF8.GetBytes("{\"prompt\":" + deep + "}\n"), .. broken]));
        Assert.Equal([1L, 2], report.Problems.Select(p => p.Line));
        Assert.Equal("is not valid UTF-8", report.Problems[1].Reason);
        Assert.Empty(await Read("}}}}\n]]]\n,,,"));
        Assert.Empty(await Read("[}}},]"));
    }

    [Fact]
    public async Task a_byte_order_mark_is_no_text()
    {
        byte[] file = [0xEF, 0xBB, 0xBF, .. """{"prompt":"p","chosen":"a","rejected":"b"}"""u8];
        Assert.Single(await Read(file));
    }

    [Fact]
    public async Task an_empty_file_has_no_entries()
    {
        Assert.Empty(await Read(""));
        Assert.Empty(await Read("\n \n"));
        Assert.Empty(await Read("[ ]"));
        Assert.Equal((0, 0), (report.Entries, report.Bad));
    }

    // Whatever is written is read back, wherever the stream's buffers end, as lines and as one list.
    [Fact]
    public void what_is_written_is_read_back()
    {
        string[] parts = ["a", "\"", "\\", "\n", "\r", "{", "}", "[", "]", ",", "ü", "🍲", " \u2028", "Human:", "x y"];
        var text = Gen.Elements(parts).ArrayOf().Select(string.Concat).Where(t => !string.IsNullOrWhiteSpace(t));
        var turns = text.Zip(text, (u, a) => (ChatTurn[])[new("user", u), new("assistant", a)]);
        var earlier = Gen.OneOf(Gen.Constant(Array.Empty<ChatTurn>()), turns);
        var pair = text.Zip(text, (a, b) => (a, b)).Where(p => p.a != p.b);
        var comparison = text.Zip(pair, (p, ab) => new Comparison(p, ab.a, ab.b))
            .Zip(earlier, (c, before) => c with
            {
                Earlier = before,
                Margin = before.Length == 0 ? null : 0.25,
                Preference = "P1A",
            });
        Prop.ForAll(comparison.ArrayOf().ToArbitrary(), Gen.Choose(1, 7).ToArbitrary(), (comparisons, step) =>
        {
            var lines = new ArrayBufferWriter<byte>();
            foreach (var one in comparisons)
                DatasetWriter.Write(lines, one);
            var entries = Encoding.UTF8.GetString(lines.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var list = "[" + string.Join(" ,\n", entries) + "]";
            foreach (var file in (byte[][])[lines.WrittenSpan.ToArray(), Encoding.UTF8.GetBytes(list)])
            {
#pragma warning disable VSTHRD002 // properties are checked one after the other
                var rows = ReadAsync(new SmallSteps(file, step), new(), new()).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
                Assert.Equal(comparisons.Select(Print), rows.SelectMany(r => r.Comparisons()).Select(Print));
            }
        }).QuickCheckThrowOnFailure();

        static string Print(Comparison c) => JsonSerializer.Serialize(c);
    }

    [Fact]
    public void labels_are_read_back_as_written()
    {
        var lines = new ArrayBufferWriter<byte>();
        var written = new LabelledAnswer("p", "c", false)
        {
            Earlier = [new("system", "s")],
            Preference = "P1A",
            Source = "me",
        };
        DatasetWriter.Write(lines, written);
        using var entry = JsonDocument.Parse(lines.WrittenMemory);
        var row = Assert.IsType<LabelledRow>(Assert.Single(DatasetReader.Parse(entry.RootElement, 1, new(), report)));
        Assert.Equal(JsonSerializer.Serialize(written), JsonSerializer.Serialize(row.ToLabelled()));
    }

    [Theory]
    [InlineData("student_phd.json", "P1A", "P1B")]
    [InlineData("friendly_unfriendly.json", "P3A", "P3B")]
    public async Task the_files_of_personalized_soups_are_read_whole(string name, string one, string other)
    {
        await using var file = File.OpenRead(SharedData.Require("data/p-soups/" + name));
        var options = new DatasetOptions
        {
            PreferenceBySentence = new Dictionary<string, string>
            {
                ["Generate a response that can be easily understood by an elementary school student."] = "P1A",
                ["Generate a response that only a PhD Student in that specific field could understand."] = "P1B",
                ["Generate a response that is friendly, witty, funny, and humorous, like a close friend."] = "P3A",
                ["Generate a response in an unfriendly manner."] = "P3B",
            },
        };
        var rows = await ReadAsync(file, options, report);
        Assert.Equal((600, 600, 0), (report.Entries, report.Rows, report.Bad));
        Assert.Equal(300, rows.Count(r => r.Preference == one));
        Assert.Equal(300, rows.Count(r => r.Preference == other));
    }

    private static string Ultra(params object[] completions) =>
        Line(new { source = "evol", instruction = "p", completions });

    private static object Completion(string response, object help, object honesty, double overall = 5) => new
    {
        model = "m",
        response,
        overall_score = overall,
        annotations = new
        {
            helpfulness = new { Type = new[] { "x" }, Rating = help, Rationale = "r" },
            honesty = new { Rating = honesty, Rationale = "r" },
        },
    };

    private static object Prompter(string text, params object[] replies) =>
        new { role = "prompter", text, rank = (int?)null, deleted = false, review_result = true, replies };

    private static object Assistant(string text, int? rank, params object[] replies) =>
        new { role = "assistant", text, rank, deleted = false, review_result = true, replies };

    private static object Removed(string text, bool deleted, bool accepted) =>
        new { role = "assistant", text, rank = 2, deleted, review_result = accepted, replies = Array.Empty<object>() };

    private static string Line(object entry) => JsonSerializer.Serialize(entry);

    private Task<List<DatasetRow>> Read(string file, DatasetOptions? options = null) =>
        Read(Encoding.UTF8.GetBytes(file), options);

    private Task<List<DatasetRow>> Read(byte[] file, DatasetOptions? options = null) =>
        ReadAsync(new MemoryStream(file), options ?? new(), report);

    private static async Task<List<DatasetRow>> ReadAsync(Stream stream, DatasetOptions options, DatasetReport report)
    {
        var rows = new List<DatasetRow>();
        await foreach (var row in DatasetReader.ReadAsync(stream, options, report))
            rows.Add(row);
        return rows;
    }

    /// <summary>A stream that hands out a few bytes at a time.</summary>
    private sealed class SmallSteps(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
    }
}
