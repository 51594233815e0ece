using System.Text.Json.Nodes;
using SoupsActors.Cli.Tests.Doubles;

namespace SoupsActors.Cli.Tests;

public sealed class ExpertsCommandTests : IDisposable
{
    private readonly StubSilo silo = StubSilo.Start(
        """
        {"id": "P1A", "preference": "P1A", "current": {"number": 2, "hash": "0123456789abcdef", "rank": 4}, "pinned": true,
         "versions": [{"number": 2, "hash": "0123456789abcdef", "rank": 4, "targets": [], "provenance": {}}]}
        """);

    public void Dispose() => silo.Dispose();

    [Theory]
    [InlineData("POST", "/v1/experts/P1A/pin", """{"version":2}""", "pin", "P1A", "2")]
    [InlineData("DELETE", "/v1/experts/P1A/pin", "", "unpin", "P1A")]
    [InlineData("POST", "/v1/experts/P1A/rollback", "", "rollback", "P1A")]
    public async Task The_version_in_use_is_chosen_and_shown(string method, string path, string body, params string[] args)
    {
        var (code, output) = await ToolRun.SoupsAsync(["experts", .. args, "--url", silo.Url]);
        Assert.Equal(SoupsTool.Success, code);
        Assert.Equal((method, path, body), Assert.Single(silo.Requests));
        Assert.Contains("2 (pinned)", output, StringComparison.Ordinal);

        (_, output) = await ToolRun.SoupsAsync(["experts", .. args, "--url", silo.Url, "--json"]);
        Assert.Equal(2, (int)JsonNode.Parse(output)!["current"]!["number"]!);
    }

    [Theory]
    [InlineData("pin", "P1A")]
    [InlineData("pin", "P1A", "newest")]
    [InlineData("rollback")]
    public async Task A_version_that_is_not_said_is_asked_for(params string[] args)
    {
        var (code, _, errors) = await ToolRun.SoupsAsync(["experts", .. args, "--url", silo.Url]);
        Assert.Equal(SoupsTool.Usage, code);
        Assert.Contains($"soups experts {args[0]} --help", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("experts remove P1A", "Remove expert P1A with all its versions")]
    [InlineData("profile forget P1A", "profile, conversation, kept answers and all feedback of P1A")]
    public async Task What_cannot_be_taken_back_is_asked_about(string command, string question)
    {
        string[] args = [.. command.Split(' '), "--url", silo.Url];
        var (code, output) = await ToolRun.AnsweringAsync("n\n", args);
        Assert.Equal(SoupsTool.Cancelled, code);
        Assert.Contains(question, output, StringComparison.Ordinal);
        (code, _, var errors) = await ToolRun.SoupsAsync(args);
        Assert.Equal(SoupsTool.Failure, code);
        Assert.Contains("--yes", errors, StringComparison.Ordinal);
        Assert.Empty(silo.Requests);

        Assert.Equal(SoupsTool.Success, (await ToolRun.AnsweringAsync("y\n", args)).Code);
        Assert.Equal(SoupsTool.Success, (await ToolRun.SoupsAsync([.. args, "--yes"])).Code);
        Assert.All(silo.Requests, r => Assert.Equal("DELETE", r.Method));
        Assert.Equal(2, silo.Requests.Count);
    }
}
