using SoupsActors.Cli;
using Spectre.Console;

// What goes wrong is told on standard error: standard output may be a file or a program that expects a result.
return await SoupsTool.RunAsync(
    args, Open(Console.Out, Console.IsOutputRedirected), Open(Console.Error, Console.IsErrorRedirected));

// A file or a pipe has no width, no colours and nobody in front of it; what is made for a terminal is a nuisance there,
// and the terminal's name in the environment does not tell the difference.
static IAnsiConsole Open(TextWriter writer, bool redirected)
{
    var settings = new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) };
    if (!redirected)
        return AnsiConsole.Create(settings);
    (settings.Ansi, settings.ColorSystem) = (AnsiSupport.No, ColorSystemSupport.NoColors);
    settings.Interactive = InteractionSupport.No;
    var console = AnsiConsole.Create(settings);
    console.Profile.Width = 240;
    return console;
}
