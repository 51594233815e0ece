using System.Text.Json;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Training;
using SoupsActors.Testing;

namespace SoupsActors.Cli.Tests;

public sealed class LearnRewardCommandTests : IDisposable
{
    private const string Good = "The cook made the soup.";
    private const string Bad = "Salt.";

    private readonly TemporaryFolder folder = new();
    private readonly TinyModel model;

    public LearnRewardCommandTests()
    {
        model = TinyModel.Create(folder["base"]);

        // Seven people say the one thing, and one the other.
        File.WriteAllLines(folder["data.jsonl"], Enumerable.Range(0, 8).Select(i =>
        {
            var (chosen, rejected) = i == 5 ? (Bad, Good) : (Good, Bad);
            return JsonSerializer.Serialize(
                new { prompt = "Who made the soup?", chosen, rejected, source = i < 3 ? "forum" : "shop" });
        }));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_ensemble_swaps_the_label_that_all_others_contradict()
    {
        using var summary = await LearnAsync("out", "--denoise", "--members", "2", "--flip-share", "0.2");
        var counts = summary.RootElement.GetProperty("report").GetProperty("denoising");
        Assert.Equal(2, counts.GetProperty("members").GetInt32());
        Assert.Equal(8, counts.GetProperty("pairs").GetInt32());
        Assert.Equal(1, counts.GetProperty("contradicted").GetInt32());
        Assert.Equal(1, counts.GetProperty("flipped").GetInt32());
        Assert.Equal(0, counts.GetProperty("smoothed").GetInt32());
        var details = RewardModel.ReadCard(folder["out"]).Details;
        Assert.Contains("\"Flipped\":1", details["denoising"], StringComparison.Ordinal);

        var lines = Strengths();
        Assert.Equal(8, lines.Length);
        var swapped = Assert.Single(lines, l => l.GetProperty("flipped").GetBoolean());
        Assert.Equal(Bad, swapped.GetProperty("chosen").GetString());
        Assert.All(lines, l => Assert.Equal(
            l.GetProperty("chosen").GetString() == Good, l.GetProperty("strength").GetDouble() > 0));
        foreach (var part in (string[])["member-1", "member-2", "metrics"])
            Assert.Equal(40, MetricLog.Read(folder[$"out.training/{part}.jsonl"]).Count);
        Assert.Empty(Directory.GetFiles(folder["out.training"], "*.safetensors"));
    }

    [Fact]
    public async Task Labels_that_are_not_swapped_are_smoothed_and_people_are_told()
    {
        var (code, output) = await ToolRun.SoupsAsync(
            Arguments("out", "--denoise", "--members", "2", "--flip-share", "0", "--no-margins"));
        Assert.Equal(SoupsTool.Success, code);
        Assert.Contains(
            "The ensemble of 2 contradicts 1 of 8 labels: 0 swapped, 1 smoothed.", output, StringComparison.Ordinal);
        Assert.Contains("member 2", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_ended_between_ensemble_and_result_goes_on_with_the_ensemble()
    {
        string[] settings = ["--denoise", "--members", "2"];
        using var undisturbed = await LearnAsync("undisturbed", settings);

        // Nothing can be written where a folder is in the way.
        Directory.CreateDirectory(folder["out.training/strengths.jsonl"]);
        var (code, _) = await ToolRun.SoupsAsync(Arguments("out", settings));
        Assert.NotEqual(SoupsTool.Success, code);
        Assert.True(File.Exists(folder["out.training/member-2.safetensors"]));
        Assert.False(File.Exists(folder["out.training/metrics.jsonl"]));
        Directory.Delete(folder["out.training/strengths.jsonl"]);

        using var resumed = await LearnAsync("out", settings);
        Assert.Equal(Hash(undisturbed), Hash(resumed));
        Assert.Equal(40, MetricLog.Read(folder["out.training/member-1.jsonl"]).Count);
    }

    [Fact]
    public async Task What_cleans_labels_changes_what_is_learnt()
    {
        using var plain = await LearnAsync("plain");
        using var spaced = await LearnAsync("spaced", "--denoise", "--members", "2", "--flip-share", "0");
        using var swapped = await LearnAsync("swapped", "--denoise", "--members", "2", "--no-margins");
        Assert.Equal(3, new[] { plain, spaced, swapped }.Select(Hash).Distinct().Count());
        Assert.False(plain.RootElement.GetProperty("report").TryGetProperty("denoising", out _));
    }

    [Fact]
    public async Task Settings_of_the_ensemble_need_the_ensemble()
    {
        foreach (var setting in (string[])["--members", "--flip-share", "--smooth-doubtful"])
        {
            var value = setting == "--members" ? "3" : "0.2";
            var (code, _, errors) = await ToolRun.SoupsAsync(Arguments("out", setting, value));
            Assert.NotEqual(SoupsTool.Success, code);
            Assert.Contains($"{setting} needs --denoise", errors, StringComparison.Ordinal);
        }

        var (refused, _, message) = await ToolRun.SoupsAsync(Arguments("out", "--denoise", "--members", "1"));
        Assert.NotEqual(SoupsTool.Success, refused);
        Assert.Contains("--members must be at least 2", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_data_set_of_a_file_is_reported_with_its_scores()
    {
        using var summary = await LearnAsync("out");
        var sets = summary.RootElement.GetProperty("report").GetProperty("data_sets");
        Assert.Equal(["forum", "shop"], sets.EnumerateObject().Select(s => s.Name));
        Assert.Equal(1, sets.GetProperty("forum").GetProperty("accuracy").GetDouble());
        Assert.Equal(0.8, sets.GetProperty("shop").GetProperty("accuracy").GetDouble(), 1e-9);
        Assert.Equal(10, sets.GetProperty("shop").GetProperty("scores").GetProperty("count").GetInt32());

        var (_, output) = await ToolRun.SoupsAsync(Arguments("shown"));
        Assert.Contains("forum", output, StringComparison.Ordinal);
    }

    private JsonElement[] Strengths() =>
    [
        .. File.ReadLines(folder["out.training/strengths.jsonl"])
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line)),
    ];

    private static string? Hash(JsonDocument summary) => summary.RootElement.GetProperty("hash").GetString();

    private async Task<JsonDocument> LearnAsync(string output, params string[] more)
    {
        var (code, printed) = await ToolRun.SoupsAsync([.. Arguments(output, more), "--json"]);
        Assert.True(code == SoupsTool.Success, printed);
        return JsonDocument.Parse(printed);
    }

    private string[] Arguments(string output, params string[] more) =>
    [
        "learn", "rm", "--data", folder["data.jsonl"], "--model", model.Folder, "--out", folder[output], "--batch", "2",
        "--rank", "2", "--threads", "1", "--epochs", "10", "--learning-rate", "0.01", "--held-out", "0", .. more,
    ];
}
