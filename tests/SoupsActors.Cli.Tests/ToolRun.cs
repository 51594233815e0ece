using SoupsActors.Cli.Tests.Doubles;
using Spectre.Console;

namespace SoupsActors.Cli.Tests;

/// <summary>What a run of the tool left behind.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
internal sealed record ToolResult(int Code, string Output, string Errors)
{
    public void Deconstruct(out int code, out string output) => (code, output) = (Code, Output);
}

/// <summary>Runs the tool in this process and keeps what it prints.</summary>
internal static class ToolRun
{
    public static Task<ToolResult> SoupsAsync(params string[] args) => RunAsync(console => console, args);

    /// <summary>Runs it at a terminal where somebody types these keys.</summary>
    public static Task<ToolResult> AnsweringAsync(string keys, params string[] args) =>
        RunAsync(console => new AnsweringConsole(console, keys), args);

    /// <summary>Runs something that prints as it does in a log: no colours, nothing that moves.</summary>
    public static async Task<(int Code, string Output)> OnConsoleAsync(Func<IAnsiConsole, Task<int>> run)
    {
        using var writer = new StringWriter();
        return (await run(Log(writer)), writer.ToString());
    }

    private static async Task<ToolResult> RunAsync(Func<IAnsiConsole, IAnsiConsole> terminal, string[] args)
    {
        using var errors = new StringWriter();
        var (code, output) = await OnConsoleAsync(console => SoupsTool.RunAsync(
            args, terminal(console), Log(errors), TestContext.Current.CancellationToken));
        return new ToolResult(code, output, errors.ToString());
    }

    private static IAnsiConsole Log(StringWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = 200;
        return console;
    }
}
