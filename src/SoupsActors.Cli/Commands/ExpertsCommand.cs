using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Cli.Output;
using SoupsActors.Client;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups experts list|show|register|pin|unpin|rollback|remove</c>.</summary>
internal static class ExpertsCommand
{
    public static Command Create(IAnsiConsole console) =>
        new("experts", "List, inspect, register and remove experts, and choose their versions.")
        {
            List(console),
            Show(console),
            Register(console),
            ExpertVersions.Pin(console),
            ExpertVersions.Unpin(console),
            ExpertVersions.RollBack(console),
            Remove(console),
        };

    private static Command List(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var json = SiloOptions.Json();
        var command = new Command("list", "List all experts.") { json };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            var experts = await services.GetRequiredService<SoupsClient>().ListExpertsAsync(cancellation);
            if (parsed.GetValue(json))
            {
                console.Json(experts);
                return SoupsTool.Success;
            }

            if (experts.Count == 0)
            {
                console.WriteLine("No experts. Register a PEFT folder: soups experts register ID FOLDER");
                return SoupsTool.Success;
            }

            var table = ConsoleOutput.NewTable("Expert", "Preference", "Version", "Rank", "Served", "Running", "Hash");
            foreach (var e in experts)
            {
                table.Line(
                    e.Id,
                    e.Preference ?? "",
                    e.Current.Number.ToString(CultureInfo.InvariantCulture) + (e.Pinned ? " (pinned)" : ""),
                    e.Current.Rank.ToString(CultureInfo.InvariantCulture),
                    e.Hits.ToString(CultureInfo.InvariantCulture),
                    e.Leases.ToString(CultureInfo.InvariantCulture),
                    e.Current.Hash[..12]);
            }

            console.Write(table);
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }

    private static Command Show(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var id = new Argument<string>("id") { Description = "The expert's id." };
        var json = SiloOptions.Json();
        var command = new Command("show", "Show one expert with its versions and where they come from.") { id, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            var expert = await services.GetRequiredService<SoupsClient>()
                .GetExpertAsync(parsed.GetRequiredValue(id), cancellation);
            Print(console, expert, parsed.GetValue(json));
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }

    private static Command Register(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var id = new Argument<string>("id") { Description = "The expert's id; an existing one gets a new version." };
        var folder = new Argument<string>("folder")
        {
            Description = "A PEFT folder, relative to the silo's import directory (Soups:ImportDirectory).",
        };
        var command = new Command("register", "Check a LoRA adapter and make it an expert.") { id, folder };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            var expert = await services.GetRequiredService<SoupsClient>().RegisterExpertAsync(
                parsed.GetRequiredValue(id), parsed.GetRequiredValue(folder), cancellationToken: cancellation);
            Print(console, expert, json: false);
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }

    private static Command Remove(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var id = new Argument<string>("id") { Description = "The expert's id." };
        var yes = Confirmation.Yes();
        var command = new Command(
            "remove", "Remove an expert with all its versions; requests under way end on those they run on.")
        {
            id, yes,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var name = parsed.GetRequiredValue(id);
            var question = $"Remove expert {name} with all its versions for good?";
            if (!await Confirmation.AskAsync(console, question, parsed.GetValue(yes), cancellation))
                return SoupsTool.Cancelled;
            await using var services = silo.Connect(parsed);
            await services.GetRequiredService<SoupsClient>().RemoveExpertAsync(name, cancellationToken: cancellation);
            console.MarkupLineInterpolated($"Removed {name}.");
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }

    internal static void Print(IAnsiConsole console, ExpertInfo expert, bool json)
    {
        if (json)
        {
            console.Json(expert);
            return;
        }

        console.MarkupLineInterpolated($"[bold]{expert.Id}[/] {expert.Preference}");
        var table = ConsoleOutput.NewTable("Version", "Rank", "Published", "Hash", "Base", "Provenance");
        foreach (var version in expert.Versions)
        {
            table.Line(
                version.Number.ToString(CultureInfo.InvariantCulture)
                + (version.Number == expert.Current.Number ? expert.Pinned ? " (pinned)" : " (current)" : ""),
                version.Rank.ToString(CultureInfo.InvariantCulture),
                version.PublishedAt.ToString("u", CultureInfo.InvariantCulture),
                version.Hash[..12],
                version.BaseHash?[..12] ?? "unknown",
                string.Join(", ", version.Provenance.Select(p => $"{p.Key}={p.Value}")));
        }

        console.Write(table);
    }
}
