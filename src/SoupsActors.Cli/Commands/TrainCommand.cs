using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Cli.Output;
using SoupsActors.Client;
using SoupsActors.Trainings;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups train start|status|watch|pause|resume|cancel|list|metrics</c>.</summary>
internal static class TrainCommand
{
    public static Command Create(IAnsiConsole console) =>
        new("train", "Train new versions of experts from feedback, and look after trainings.")
        {
            Start(console),
            List(console),
            One(console, "status", "Show a training.", (client, id, c) => client.GetAsync(id, c)),
            Watch(console),
            One(console, "pause", "Stop the work until it is resumed; nothing is lost.",
                (client, id, c) => client.PauseAsync(id, cancellationToken: c)),
            One(console, "resume", "Go on with a paused training, or try again with a failed one.",
                (client, id, c) => client.ResumeAsync(id, cancellationToken: c)),
            One(console, "cancel", "End a training; nothing is published.",
                (client, id, c) => client.CancelAsync(id, cancellationToken: c)),
            Metrics(console),
        };

    private static Argument<string> Preference() => new("preference") { Description = "The preference, such as P1A." };

    private static Command Start(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var preference = Preference();
        var settings = new TrainOptions();
        var watch = new Option<bool>("--watch") { Description = "Show its progress to its end." };
        var json = SiloOptions.Json();
        var command = new Command("start", "Train a new version of a preference's expert from its feedback.")
        {
            preference, watch, json,
        };
        settings.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            var client = services.GetRequiredService<SoupsClient>().Trainings;
            var id = parsed.GetRequiredValue(preference);
            var started = await client.StartAsync(id, settings.Read(parsed), cancellationToken: cancellation);
            if (parsed.GetValue(watch))
                return await TrainDisplay.WatchAsync(console, client, id, parsed.GetValue(json), cancellation);
            TrainDisplay.Print(console, started, parsed.GetValue(json));
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }

    private static Command List(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var json = SiloOptions.Json();
        var command = new Command("list", "List the newest training of every preference.") { json };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            var trainings = await services.GetRequiredService<SoupsClient>().Trainings.ListAsync(cancellation);
            if (parsed.GetValue(json))
                console.Json(trainings);
            else if (trainings.Count == 0)
                console.WriteLine("No trainings. Start one: soups train start PREFERENCE");
            else
                console.Write(TrainDisplay.Table(trainings));
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }

    private static Command Watch(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var preference = Preference();
        var json = SiloOptions.Json();
        var command = new Command("watch", "Show a training's progress to its end.") { preference, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            return await TrainDisplay.WatchAsync(
                console,
                services.GetRequiredService<SoupsClient>().Trainings,
                parsed.GetRequiredValue(preference),
                parsed.GetValue(json),
                cancellation);
        });
        return silo.AddTo(command);
    }

    private static Command Metrics(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var preference = Preference();
        var command = new Command("metrics", "Print what a training has measured, one JSON object a line.")
        {
            preference,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            console.Raw(await services.GetRequiredService<SoupsClient>().Trainings
                .ReadMetricsAsync(parsed.GetRequiredValue(preference), cancellation));
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }

    private static Command One(
        IAnsiConsole console,
        string name,
        string description,
        Func<TrainingsClient, string, CancellationToken, Task<TrainingStatus>> call)
    {
        var silo = new SiloOptions();
        var preference = Preference();
        var json = SiloOptions.Json();
        var command = new Command(name, description) { preference, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            var client = services.GetRequiredService<SoupsClient>().Trainings;
            TrainDisplay.Print(
                console, await call(client, parsed.GetRequiredValue(preference), cancellation), parsed.GetValue(json));
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }
}
