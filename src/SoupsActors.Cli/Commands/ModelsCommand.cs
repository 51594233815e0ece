using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Cli.Output;
using SoupsActors.Client;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups models</c>.</summary>
internal static class ModelsCommand
{
    public static Command Create(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var json = SiloOptions.Json();
        var command = new Command("models", "List what a request can name as its model.") { json };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            var models = await services.GetRequiredService<SoupsClient>().ListModelsAsync(cancellation);
            if (parsed.GetValue(json))
            {
                console.Json(models);
                return SoupsTool.Success;
            }

            var table = ConsoleOutput.NewTable("Model", "Changes", "Base");
            foreach (var model in models)
                table.Line(model.Id, model.Parent ?? "", model.Root ?? "");
            console.Write(table);
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }
}
