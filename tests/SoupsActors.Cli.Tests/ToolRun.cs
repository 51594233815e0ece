using Spectre.Console;

namespace SoupsActors.Cli.Tests;

/// <summary>Runs the tool in this process and keeps what it prints.</summary>
internal static class ToolRun
{
    public static async Task<(int Code, string Output)> SoupsAsync(params string[] args)
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
        var code = await SoupsTool.RunAsync(args, console, TestContext.Current.CancellationToken);
        return (code, writer.ToString());
    }
}
