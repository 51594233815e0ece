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
        var (code, output) = await ToolRun.SoupsAsync(args);
        Assert.Equal(SoupsTool.Usage, code);
        Assert.Contains("--help", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_that_is_not_there_ends_with_3_and_is_named()
    {
        var (code, output) = await ToolRun.SoupsAsync("models", "--url", "http://127.0.0.1:9");
        Assert.Equal(SoupsTool.Unreachable, code);
        Assert.Contains("http://127.0.0.1:9", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mix_that_cannot_be_read_ends_with_1_and_shows_the_form()
    {
        var (code, output) = await ToolRun.SoupsAsync("chat", "Hi", "--mix", "P1A:1");
        Assert.Equal(SoupsTool.Failure, code);
        Assert.Contains("P1A=1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_miniature_says_how_to_build_one()
    {
        using var folder = new Folder();
        var (code, output) = await ToolRun.SoupsAsync("miniature", "evaluate", "--model", folder.Path);
        Assert.Equal(SoupsTool.Failure, code);
        Assert.Contains("soups miniature build", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_command_option_and_argument_explains_itself()
    {
        var unexplained = new List<string>();
        Visit(SoupsTool.Create(Spectre.Console.AnsiConsole.Console), "soups");
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
