using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Spectre.Console;

namespace SoupsActors.Cli.Tests;

/// <summary>Whether the commands of the first page are ones that work, and lead where it says.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string[] Commands =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "README.md"))
            .Where(line => line.StartsWith("    ", StringComparison.Ordinal))
            .Select(line => line.Split(" # ")[0].Trim()),
    ];

    [Fact]
    public void The_tool_takes_its_command_lines()
    {
        var lines = Commands.Select(c => Tool().Match(c)).Where(m => m.Success).Select(m => m.Groups[1].Value).ToArray();
        Assert.True(lines.Length >= 4, "The commands of the tool are not found.");
        var root = SoupsTool.Create(AnsiConsole.Console, AnsiConsole.Console);
        Assert.All(lines, line => Assert.Empty(root.Parse(CommandLineParser.SplitCommandLine(line).ToArray()).Errors));
    }

    [Fact]
    public void An_experiment_is_written_where_a_silo_looks_for_runs()
    {
        var written = Assert.Single(Commands, c => c.Contains("experiment psoups", StringComparison.Ordinal));
        var folder = Path.GetDirectoryName(Out().Match(written).Groups[1].Value);
        Assert.NotEmpty(folder!);

        // A silo that is run from its project works in that project's folder, so the path has to be a whole one.
        Assert.Single(
            Commands, c => c.EndsWith($"--Soups:Experiments:Directory=\"$PWD/{folder}\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cluster_has_somebody_who_answers_and_somebody_who_is_asked()
    {
        var silos = Commands.Where(c => c.Contains("-p:ActorHost=Orleans", StringComparison.Ordinal)).ToArray();
        Assert.Equal(["gateway", "generator"], silos.Select(s => Roles().Match(s).Groups[1].Value));
    }

    [GeneratedRegex("^(?:soups|dotnet run --project src/SoupsActors.Cli -c Release --) (.+)$", RegexOptions.None, 1000)]
    private static partial Regex Tool();

    [GeneratedRegex(@"--out (\S+)", RegexOptions.None, 1000)]
    private static partial Regex Out();

    [GeneratedRegex(@"--Soups:Roles=(\S+)", RegexOptions.None, 1000)]
    private static partial Regex Roles();
}
