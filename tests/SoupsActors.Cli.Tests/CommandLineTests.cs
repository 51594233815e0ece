using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using SoupsActors.Cli.Tests.Doubles;

namespace SoupsActors.Cli.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("brew")]
    [InlineData("profile", "show")]
    [InlineData("chat", "Hi", "--seed", "many")]
    [InlineData("miniature", "build")]
    [InlineData("experiment", "psoups")]
    [InlineData("experiment", "unheard-of", "--out", "x")]
    public async Task A_wrong_command_line_ends_with_2_and_points_to_the_help(params string[] args)
    {
        var (code, output, errors) = await ToolRun.SoupsAsync(args);
        Assert.Equal((SoupsTool.Usage, ""), (code, output));
        Assert.EndsWith(" --help\n", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("  ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_that_is_not_there_ends_with_3_and_is_named()
    {
        var (code, output, errors) = await ToolRun.SoupsAsync("models", "--url", "http://127.0.0.1:9");
        Assert.Equal((SoupsTool.Unreachable, ""), (code, output));
        Assert.Contains("http://127.0.0.1:9", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--url", "localhost:5080", "write --url or SOUPS_URL like http://localhost:5080")]
    [InlineData("--url", "ftp://example.org", "'ftp://example.org' is no address of a silo")]
    [InlineData("--url", "nowhere", "'nowhere' is no address of a silo")]
    [InlineData("--timeout", "0", "--timeout is more than 0")]
    public async Task A_silo_that_cannot_be_is_a_wrong_command_line(string option, string value, string message)
    {
        var (code, output, errors) = await ToolRun.SoupsAsync("models", option, value);
        Assert.Equal((SoupsTool.Usage, ""), (code, output));
        Assert.Contains(message, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_reports_a_wrong_address_with_all_the_rest()
    {
        var (code, output) = await ToolRun.SoupsAsync("doctor", "--url", "localhost:5080", "--json");
        Assert.Equal(SoupsTool.Failure, code);
        var silo = JsonNode.Parse(output.TrimEnd('\n').Split('\n')[^1])!;
        Assert.Equal(("silo", false), ((string?)silo["name"], (bool)silo["ok"]!));
        Assert.Contains("http://localhost:5080", (string?)silo["found"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_that_stays_silent_ends_with_3_and_names_the_option()
    {
        using var deaf = new TcpListener(IPAddress.Loopback, 0);
        deaf.Start();
        var (code, _, errors) = await ToolRun.SoupsAsync(
            "models", "--url", $"http://{deaf.LocalEndpoint}", "--timeout", "0.2");
        Assert.Equal(SoupsTool.Unreachable, code);
        Assert.Contains("--timeout", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_used_is_told_without_a_stack_trace()
    {
        using var folder = new Folder();
        var zipped = Path.Combine(folder.Path, "pairs.jsonl.gz");
        await File.WriteAllTextAsync(zipped, "no archive", TestContext.Current.CancellationToken);
        // A folder in place of a file is refused as one without permission is.
        foreach (var file in (string[])[zipped, folder.Path])
        {
            var (code, output, errors) = await ToolRun.SoupsAsync("feedback", "import", file, "--dry-run");
            Assert.Equal((SoupsTool.Failure, ""), (code, output));
            Assert.NotEmpty(errors);
        }
    }

    [Fact]
    public async Task A_mix_before_the_question_does_not_swallow_it()
    {
        using var silo = StubSilo.Start("""{"choices": [{"message": {"content": "A mountain."}}]}""");
        var (code, output) = await ToolRun.SoupsAsync(
            "chat", "--url", silo.Url, "--json", "-m", "P1A=1", "What is a volcano?");
        Assert.Equal(SoupsTool.Success, code);
        Assert.Equal("A mountain.", (string?)JsonNode.Parse(output)!["text"]);
        var asked = JsonNode.Parse(Assert.Single(silo.Requests).Body)!;
        Assert.Equal("What is a volcano?", (string?)asked["messages"]![0]!["content"]);
        Assert.Equal("""{"P1A":1}""", asked["soup"]!["mix"]!.ToJsonString());
    }

    [Fact]
    public async Task A_rating_before_the_user_does_not_swallow_it()
    {
        using var silo = StubSilo.Start("""{"results": [{"operation_id": "o", "status": "accepted"}]}""");
        var (code, _) = await ToolRun.SoupsAsync(
            "feedback", "send", "--url", silo.Url, "--interaction", "i", "--rating", "helpfulness=4,honesty=5", "alice");
        Assert.Equal(SoupsTool.Success, code);
        var sent = JsonNode.Parse(Assert.Single(silo.Requests).Body)!["events"]![0]!;
        Assert.Equal(("alice", 5), ((string?)sent["user"], (int)sent["ratings"]!["honesty"]!));
    }

    [Fact]
    public async Task A_mix_that_cannot_be_read_ends_with_1_and_shows_the_form()
    {
        var (code, _, errors) = await ToolRun.SoupsAsync("chat", "Hi", "--mix", "P1A:1");
        Assert.Equal(SoupsTool.Failure, code);
        Assert.Contains("P1A=1", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_miniature_says_how_to_build_one()
    {
        using var folder = new Folder();
        var (code, _, errors) = await ToolRun.SoupsAsync("miniature", "evaluate", "--model", folder.Path);
        Assert.Equal(SoupsTool.Failure, code);
        Assert.Contains("soups miniature build", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_command_option_and_argument_explains_itself()
    {
        var unexplained = new List<string>();
        Visit(SoupsTool.Create(Spectre.Console.AnsiConsole.Console, Spectre.Console.AnsiConsole.Console), "soups");
        Assert.Empty(unexplained);

        void Visit(System.CommandLine.Command command, string path)
        {
            if (string.IsNullOrWhiteSpace(command.Description))
                unexplained.Add(path);
            unexplained.AddRange(command.Options.Where(o => string.IsNullOrWhiteSpace(o.Description)).Select(o => $"{path} {o.Name}"));
            unexplained.AddRange(command.Arguments.Where(a => string.IsNullOrWhiteSpace(a.Description)).Select(a => $"{path} {a.Name}"));
            foreach (var sub in command.Subcommands)
                Visit(sub, $"{path} {sub.Name}");
        }
    }

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("soups-cli-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
