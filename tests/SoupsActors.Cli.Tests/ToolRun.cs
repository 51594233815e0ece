using Spectre.Console;

namespace SoupsActors.Cli.Tests;

/// <summary>Runs the tool in this process and keeps what it prints.</summary>
internal static class ToolRun
{
    public static Task<(int Code, string Output)> SoupsAsync(params string[] args) =>
        OnConsoleAsync(console => SoupsTool.RunAsync(args, console, TestContext.Current.CancellationToken));

    /// <summary>Runs something that prints as it does in a log: no colours, nothing that moves.</summary>
    public static async Task<(int Code, string Output)> OnConsoleAsync(Func<IAnsiConsole, Task<int>> run)
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = 200;
        return (await run(console), writer.ToString());
    }
}
