using System.CommandLine;
using System.Globalization;
using SoupsActors.Cli.Bench;
using SoupsActors.Cli.Output;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups bench grains</c>: calls per second and the memory of idle grains.</summary>
internal static class BenchGrains
{
    public static Command Create(IAnsiConsole console)
    {
        var calls = new Option<int>("--calls")
        {
            Description = "Calls per figure.",
            DefaultValueFactory = _ => 2_000_000,
        };
        var json = SiloOptions.Json();
        var command = new Command("grains", "Grain calls per second, and the memory of 100,000 idle grains.") { calls, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var table = ConsoleOutput.NewTable("What", "Figure", "Unit");
            await foreach (var figure in GrainTiming.RunAsync(parsed.GetValue(calls), cancellation))
            {
                if (parsed.GetValue(json))
                    console.Json(new { bench = "grains", figure.Name, figure.Value, figure.Unit });
                table.Line(figure.Name, figure.Value.ToString("N0", CultureInfo.InvariantCulture), figure.Unit);
            }

            if (!parsed.GetValue(json))
                console.Write(table);
            return SoupsTool.Success;
        });
        return command;
    }
}
