using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Cli.Output;
using SoupsActors.Client;
using SoupsActors.Users;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups profile show|set|export|forget</c>.</summary>
internal static class ProfileCommand
{
    public static Command Create(IAnsiConsole console) =>
        new("profile", "Show and change what a user's model is.")
        {
            Show(console),
            Set(console),
            Export(console),
            Forget(console),
        };

    private static Argument<string> User() => new("user") { Description = "The user's id." };

    private static Command Show(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var user = User();
        var json = SiloOptions.Json();
        var command = new Command("show", "Show a user's profile.") { user, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            var id = parsed.GetRequiredValue(user);
            Print(console, id, await services.GetRequiredService<SoupsClient>().GetProfileAsync(id, cancellation), parsed.GetValue(json));
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }

    private static Command Set(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var user = User();
        var mix = new Argument<string[]>("mix")
        {
            Description = "Weights such as P1A=1 P2B=0.5; 0 takes one out.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var replace = new Option<bool>("--replace") { Description = "Replace the whole mix instead of changing it." };
        var merge = new Option<SoupMerge?>("--merge") { Description = "How experts are merged: product (exact) or factor." };
        var normalize = new Option<bool?>("--normalize") { Description = "Divide all weights by their sum." };
        var texts = new Option<bool?>("--prompt-texts") { Description = "Put the preferences' sentences into the prompt too." };
        var json = SiloOptions.Json();
        var command = new Command("set", "Change a user's profile.") { user, mix, replace, merge, normalize, texts, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            var client = services.GetRequiredService<SoupsClient>();
            var id = parsed.GetRequiredValue(user);
            var now = await client.GetProfileAsync(id, cancellation);
            var weights = parsed.GetValue(replace) ? [] : new Dictionary<string, double>(now.Profile.Mix);
            foreach (var (name, weight) in MixText.Parse(parsed.GetValue(mix) ?? []))
                weights[name] = weight;
            var changed = now.Profile with
            {
                Mix = weights.Where(w => w.Value != 0).ToDictionary(),
                Merge = parsed.GetValue(merge) ?? now.Profile.Merge,
                Normalize = parsed.GetValue(normalize) ?? now.Profile.Normalize,
                PromptTexts = parsed.GetValue(texts) ?? now.Profile.PromptTexts,
            };
            Print(console, id, await client.SetProfileAsync(id, changed, now.ETag, null, cancellation), parsed.GetValue(json));
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }

    private static Command Export(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var user = User();
        var command = new Command("export", "Print everything that is stored about a user, as JSON.") { user };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            console.Json(await services.GetRequiredService<SoupsClient>()
                .ExportAsync(parsed.GetRequiredValue(user), cancellation));
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }

    private static Command Forget(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var user = User();
        var yes = Confirmation.Yes();
        var command = new Command("forget", "Delete everything that is stored about a user.") { user, yes };
        command.SetAction(async (parsed, cancellation) =>
        {
            var id = parsed.GetRequiredValue(user);
            var question = $"Delete profile, conversation, kept answers and all feedback of {id} for good?";
            if (!await Confirmation.AskAsync(console, question, parsed.GetValue(yes), cancellation))
                return SoupsTool.Cancelled;
            await using var services = silo.Connect(parsed);
            await services.GetRequiredService<SoupsClient>().ForgetAsync(id, null, cancellation);
            console.MarkupLineInterpolated($"Forgot {id}.");
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }

    private static void Print(IAnsiConsole console, string user, VersionedProfile profile, bool json)
    {
        if (json)
        {
            console.Json(new { user, profile.Profile, etag = profile.ETag });
            return;
        }

        var p = profile.Profile;
        console.MarkupLineInterpolated($"[bold]{user}[/] [grey](version {profile.ETag})[/]");
        console.MarkupLineInterpolated($"  mix          {MixText.Format(p.Mix)}{(p.Normalize ? ", divided by its sum" : "")}");
        console.MarkupLineInterpolated($"  merge        {p.Merge.ToString().ToLower(CultureInfo.InvariantCulture)}");
        console.MarkupLineInterpolated($"  sentences    {(p.PromptTexts ? "also in the prompt" : "weights alone")}");
    }
}
