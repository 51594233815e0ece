using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Client;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups experts pin|unpin|rollback</c>: which version of an expert new requests get.</summary>
internal static class ExpertVersions
{
    public static Command Pin(IAnsiConsole console)
    {
        var version = new Argument<int>("version") { Description = "The version's number; show lists them." };
        return One(
            console,
            new Command("pin", "Make a version the current one and keep it so, whatever is published."),
            version,
            (client, id, parsed, c) =>
                client.PinExpertAsync(id, parsed.GetRequiredValue(version), cancellationToken: c));
    }

    public static Command Unpin(IAnsiConsole console) => One(
        console,
        new Command("unpin", "Lift the pin: the newest version becomes the current one."),
        null,
        (client, id, _, c) => client.UnpinExpertAsync(id, cancellationToken: c));

    public static Command RollBack(IAnsiConsole console) => One(
        console,
        new Command("rollback", "Go back to the version before the current one and pin it."),
        null,
        (client, id, _, c) => client.RollBackExpertAsync(id, cancellationToken: c));

    private static Command One(
        IAnsiConsole console,
        Command command,
        Argument<int>? version,
        Func<SoupsClient, string, ParseResult, CancellationToken, Task<ExpertInfo>> call)
    {
        var silo = new SiloOptions();
        var id = new Argument<string>("id") { Description = "The expert's id." };
        var json = SiloOptions.Json();
        command.Arguments.Add(id);
        if (version is not null)
            command.Arguments.Add(version);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            var expert = await call(
                services.GetRequiredService<SoupsClient>(), parsed.GetRequiredValue(id), parsed, cancellation);
            ExpertsCommand.Print(console, expert, parsed.GetValue(json));
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }
}
