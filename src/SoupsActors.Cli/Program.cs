using SoupsActors.Cli;
using Spectre.Console;

return await SoupsTool.RunAsync(args, AnsiConsole.Console);
