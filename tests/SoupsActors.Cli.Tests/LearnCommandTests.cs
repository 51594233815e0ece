using System.Text.Json;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Testing;

namespace SoupsActors.Cli.Tests;

public sealed class LearnCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TinyModel model;

    public LearnCommandTests()
    {
        model = TinyModel.Create(folder["base"]);
        File.WriteAllLines(folder["data.jsonl"],
        [
            """{"prompt": "Who made the soup?", "chosen": "The cook.", "rejected": "The lazy dog made the soup."}""",
            """{"preference": "P2A", "prompt": "Why is the sky blue?", "chosen": "Light scatters.", "rejected": "Salt."}""",
            """{"preference": "P2B", "prompt": "What is soup?", "chosen": "Carrots.", "rejected": "The quick fox."}""",
            """{"prompt": "torn""",
        ]);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("sft")]
    [InlineData("dpo")]
    public async Task A_file_of_preferences_becomes_an_expert(string method)
    {
        var (code, output) = await Learn(method, "--preference", "P2A", "--epochs", "3", "--json");
        Assert.Equal(SoupsTool.Success, code);

        using var weights = ModelWeights.Load(model.Folder);
        var expert = AdapterFolder.Load(folder["out"], weights.Config, weights.BaseHash).Expert;
        Assert.Equal((method, "P2A"), (expert.Provenance.Method, expert.Provenance.Preference));
        Assert.Contains(expert.Factors, f => f.B.Any(b => b != 0));

        using var summary = JsonDocument.Parse(output);
        Assert.Equal(expert.Hash, summary.RootElement.GetProperty("hash").GetString());
        Assert.Equal(4, summary.RootElement.GetProperty("entries").GetInt32());
        Assert.Equal(1, summary.RootElement.GetProperty("bad_entries").GetInt32());
        // Two rows of the preference or of none, two a step, three times.
        Assert.Equal([1, 2, 3], MetricLog.Read(folder["out.training/metrics.jsonl"]).Select(m => m.Step));
        Assert.False(File.Exists(folder["out.training/state.safetensors"]));
    }

    [Fact]
    public async Task A_file_of_preferences_becomes_a_reward_model_with_its_report()
    {
        var (code, output) = await Learn("rm", "--epochs", "2", "--held-out", "0.4", "--json");
        Assert.Equal(SoupsTool.Success, code);
        Assert.True(File.Exists(folder["out/reward.json"]));
        using var summary = JsonDocument.Parse(output);
        var report = summary.RootElement.GetProperty("report");
        Assert.Equal(2, report.GetProperty("training_pairs").GetInt32());
        Assert.Equal(1, report.GetProperty("held_out_pairs").GetInt32());
    }

    [Fact]
    public async Task A_reward_model_makes_an_expert_by_reinforcement()
    {
        var (code, _) = await LearnTo("judge", "rm", "--held-out", "0.4", "--json");
        Assert.Equal(SoupsTool.Success, code);
        (code, var output) = await Learn(
            "ppo", "--reward", folder["judge"], "--epochs", "2", "--max-tokens", "8", "--kl-bound", "50", "--json");
        Assert.Equal(SoupsTool.Success, code);

        using var weights = ModelWeights.Load(model.Folder);
        var expert = AdapterFolder.Load(folder["out"], weights.Config, weights.BaseHash).Expert;
        Assert.Equal("ppo", expert.Provenance.Method);
        Assert.NotNull(expert.Provenance.RewardId);
        Assert.Contains(expert.Factors, f => f.B.Any(b => b != 0));
        // Three prompts, two a step, twice.
        Assert.Equal([1, 2, 3], MetricLog.Read(folder["out.training/metrics.jsonl"]).Select(m => m.Step));
        using var summary = JsonDocument.Parse(output);
        Assert.Equal(3, summary.RootElement.GetProperty("report").GetProperty("prompts").GetInt32());
    }

    [Fact]
    public async Task A_reward_model_makes_an_expert_by_pairs_of_the_experts_own_answers()
    {
        var (code, _) = await LearnTo("judge", "rm", "--held-out", "0.4", "--json");
        Assert.Equal(SoupsTool.Success, code);
        string[] settings =
        [
            "--reward", folder["judge"], "--iterations", "2", "--samples", "3", "--prompts", "4", "--max-tokens", "8",
            "--kl-bound", "50", "--epochs", "2",
        ];
        (code, var output) = await Learn("online-dpo", [.. settings, "--json"]);
        Assert.True(code == SoupsTool.Success, output);

        using var weights = ModelWeights.Load(model.Folder);
        var expert = AdapterFolder.Load(folder["out"], weights.Config, weights.BaseHash).Expert;
        Assert.Equal("online-dpo", expert.Provenance.Method);
        Assert.NotNull(expert.Provenance.RewardId);
        Assert.Contains(expert.Factors, f => f.B.Any(b => b != 0));

        using var summary = JsonDocument.Parse(output);
        var report = summary.RootElement.GetProperty("report");
        Assert.Equal(3, report.GetProperty("prompts").GetInt32());
        // Four prompts, three answers each, twice.
        Assert.Equal(24, report.GetProperty("answers").GetInt32());
        Assert.InRange(report.GetProperty("pairs").GetInt32(), 2, 8);
        Assert.Equal(2, report.GetProperty("scores").GetArrayLength());
        var steps = MetricLog.Read(folder["out.training/metrics.jsonl"]).Select(m => m.Step).ToArray();
        Assert.Equal(Enumerable.Range(1, summary.RootElement.GetProperty("steps").GetInt32()), steps);
        Assert.Empty(Directory.GetFiles(folder["out.training"], "*.safetensors"));

        (code, _, var refused) = await LearnTo("torn", "online-dpo", [.. settings[..^1], "1.5"]);
        Assert.Equal(SoupsTool.Failure, code);
        Assert.Contains("--epochs must be whole", refused, StringComparison.Ordinal);

        (code, var shown) = await LearnTo("shown", "online-dpo", settings);
        Assert.True(code == SoupsTool.Success, shown);
        Assert.Contains("online-dpo: loss", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_without_room_for_its_answers_is_refused()
    {
        Assert.Equal(SoupsTool.Success, (await LearnTo("judge", "rm", "--held-out", "0", "--json")).Code);
        var (code, _, errors) = await Learn("ppo", "--reward", folder["judge"], "--max-tokens", "5000");
        Assert.Equal(SoupsTool.Failure, code);
        Assert.Contains("holds no prompt that leaves 5000 tokens for an answer", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sft")]
    [InlineData("rm")]
    public async Task Dropout_changes_what_is_learnt(string method)
    {
        var (_, plain) = await LearnTo("plain", method, "--json");
        var (code, dropped) = await LearnTo("dropped", method, "--dropout", "0.3", "--json");
        Assert.Equal(SoupsTool.Success, code);
        Assert.NotEqual(Hash(plain), Hash(dropped));

        static string? Hash(string output)
        {
            using var summary = JsonDocument.Parse(output);
            return summary.RootElement.GetProperty("hash").GetString();
        }
    }

    [Fact]
    public async Task Dropout_is_a_probability_and_no_setting_of_policies()
    {
        var (code, _, errors) = await Learn("rm", "--dropout", "1");
        Assert.NotEqual(SoupsTool.Success, code);
        Assert.Contains("--dropout must be at least 0 and below 1", errors, StringComparison.Ordinal);
        foreach (var method in (string[])["dpo", "ppo"])
            Assert.NotEqual(SoupsTool.Success, (await Learn(method, "--dropout", "0.1")).Code);
    }

    [Fact]
    public async Task Entries_that_cannot_be_used_are_shown_with_their_line()
    {
        var (code, output) = await Learn("dpo");
        Assert.Equal(SoupsTool.Success, code);
        Assert.Contains("1 of 4 entries cannot be used", output, StringComparison.Ordinal);
        Assert.Contains("line 4", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_anything_to_learn_is_refused()
    {
        await File.WriteAllTextAsync(
            folder["data.jsonl"],
            """{"prompt": "Why?", "completion": "No.", "label": false}""",
            TestContext.Current.CancellationToken);
        foreach (var method in (string[])["sft", "dpo", "rm"])
        {
            var (code, _, errors) = await Learn(method);
            Assert.Equal(SoupsTool.Failure, code);
            Assert.Contains("holds no", errors, StringComparison.Ordinal);
        }
    }

    private Task<ToolResult> Learn(string method, params string[] more) =>
        LearnTo("out", method, more);

    private Task<ToolResult> LearnTo(string output, string method, params string[] more) =>
        ToolRun.SoupsAsync(
    [
        "learn", method, "--data", folder["data.jsonl"], "--model", model.Folder, "--out", folder[output],
        "--batch", "2", "--rank", "2", "--threads", "1", .. more,
    ]);
}
