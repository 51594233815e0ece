using SoupsActors.Cli;
using Spectre.Console;

// A pipe has no width; what is wrapped for a terminal is a nuisance to the program at its other end.
if (Console.IsOutputRedirected)
    AnsiConsole.Profile.Width = 240;
return await SoupsTool.RunAsync(args, AnsiConsole.Console);
