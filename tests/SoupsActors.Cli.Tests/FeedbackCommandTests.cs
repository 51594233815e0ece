using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using SoupsActors.Cli.Feedback;
using SoupsActors.Feedback;
using SoupsActors.Generation;
using SoupsActors.Learning.Data.Datasets;

namespace SoupsActors.Cli.Tests;

public sealed class FeedbackCommandTests : IDisposable
{
    private const string Good = """{"prompt":"p","chosen":"a","rejected":"b"}""";

    private readonly string folder = Directory.CreateTempSubdirectory("soups-cli-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_trial_run_counts_and_lists_bad_lines_without_a_silo()
    {
        var (code, output) = await ToolRun.SoupsAsync(
            "feedback", "import", Write("pairs.jsonl", $"{Good}\nnonsense\n{Good}\n"), "--dry-run");
        Assert.Equal(SoupsTool.Success, code);
        Assert.Contains("3 entries, 2 events, 1 bad", output, StringComparison.Ordinal);
        Assert.Contains("line 2: the entry is not valid JSON", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_get_one_document_a_file_and_gzip_is_read_too()
    {
        var zipped = Path.Combine(folder, "pairs.jsonl.gz");
        await using (var stream = new GZipStream(File.Create(zipped), CompressionMode.Compress))
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Good), TestContext.Current.CancellationToken);
        var (code, output) = await ToolRun.SoupsAsync("feedback", "import", zipped, "--dry-run", "--json");
        Assert.Equal(SoupsTool.Success, code);
        Assert.Equal(1, (int)JsonNode.Parse(output)!["events"]!);
    }

    [Fact]
    public async Task A_file_without_a_usable_row_is_a_failure()
    {
        var (code, _) = await ToolRun.SoupsAsync("feedback", "import", Write("bad.jsonl", "nonsense"), "--dry-run");
        Assert.Equal(SoupsTool.Failure, code);
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("alice", "--reaction", "up", "--correction", "better")]
    [InlineData("alice", "--rating", "helpfulness")]
    public async Task A_judgement_that_is_none_or_two_is_explained(params string[] args)
    {
        var (code, _, errors) = await ToolRun.SoupsAsync(["feedback", "send", .. args]);
        Assert.Equal(SoupsTool.Failure, code);
        Assert.Contains("helpfulness=4", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_makes_the_same_events_each_time_and_another_row_others()
    {
        var row = new RatedRow("p", [new("system", "s")], [
            new RatedAnswer("a", new Dictionary<string, double> { ["help"] = 4 }),
            new RatedAnswer("b", new Dictionary<string, double> { ["help"] = 2 }),
        ]);
        var once = DatasetEvents.Of(row, "me").ToArray();
        var ids = once.Select(e => e.OperationId).ToArray();
        Assert.Equal(ids, DatasetEvents.Of(row with { Line = 9 }, "me").Select(e => e.OperationId));
        Assert.Equal(2, ids.Distinct().Count());
        Assert.Empty(ids.Intersect(DatasetEvents.Of(row, "you").Select(e => e.OperationId)));
        Assert.All(once, e => Assert.Equal([new("system", "s"), new ChatMessage("user", "p")], e.Prompt!));
    }

    [Fact]
    public async Task An_exported_event_comes_back_with_its_texts()
    {
        var stored = new StoredFeedback(
            1,
            default,
            new PairFeedback(FeedbackAnswer.Given("i"), FeedbackAnswer.Of("b")) { User = "alice", OperationId = "o", Interaction = "i" },
            new FeedbackContext([new ChatMessage("user", "p")], ["a", "b"]));
        var told = Assert.IsType<PairFeedback>(DatasetEvents.WithTexts(stored));
        Assert.Equal((FeedbackAnswer.Of("a"), FeedbackAnswer.Of("b"), null), (told.Chosen, told.Rejected, told.Interaction));
        Assert.Equal(("alice", "o"), (told.User, told.OperationId));
        var line = JsonSerializer.Serialize(stored, FeedbackJson.Options);
        var (_, output) = await ToolRun.SoupsAsync("feedback", "import", Write("events.jsonl", line), "--dry-run", "--json");
        Assert.Equal((1, 0), ((int)JsonNode.Parse(output)!["events"]!, (int)JsonNode.Parse(output)!["bad"]!));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
