using SoupsActors.Cli;
using Spectre.Console;

// What goes wrong is told on standard error: standard output may be a file or a program that expects a result.
var errors = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

// A pipe has no width; what is wrapped for a terminal is a nuisance to the program at its other end.
const int PipeWidth = 240;
if (Console.IsOutputRedirected)
    AnsiConsole.Profile.Width = PipeWidth;
if (Console.IsErrorRedirected)
    errors.Profile.Width = PipeWidth;
return await SoupsTool.RunAsync(args, AnsiConsole.Console, errors);
