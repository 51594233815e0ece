using System.CommandLine;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Cli.Chat;
using SoupsActors.Cli.Output;
using SoupsActors.Client;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups chat</c>: a conversation, or one question and its answer.</summary>
internal static class ChatCommand
{
    public static Command Create(IAnsiConsole console, IAnsiConsole errors)
    {
        var silo = new SiloOptions();
        var question = new Argument<string?>("question")
        {
            Description = "One question; without it a conversation begins.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var user = new Option<string?>("--user", "-u") { Description = "Whose profile answers; nobody's by default." };
        var mix = new Option<string[]>("--mix", "-m")
        {
            Description = "Weights for this chat instead of the profile's, such as P1A=1,P3B=0.5.",
        };
        var model = new Option<string>("--model")
        {
            Description = "soup, base, or an expert's id.",
            DefaultValueFactory = _ => "soup",
        };
        var seed = new Option<long?>("--seed") { Description = "The same seed and question give the same answer." };
        var temperature = new Option<float?>("--temperature") { Description = "0 always takes the likeliest token." };
        var json = SiloOptions.Json();
        var command = new Command("chat", "Talk to a user's soup of experts; /help inside tells the rest.")
        {
            question, user, mix, model, seed, temperature, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            var session = new ChatSession(
                services.GetRequiredService<SoupsChatClient>(),
                services.GetRequiredService<SoupsClient>(),
                console,
                errors)
            {
                User = parsed.GetValue(user),
                Mix = parsed.GetValue(mix) is { Length: > 0 } parts ? MixText.Parse(parts) : null,
                Model = parsed.GetRequiredValue(model),
                Seed = parsed.GetValue(seed),
                Temperature = parsed.GetValue(temperature),
            };
            if (parsed.GetValue(question) is not { } text)
                return await session.RunAsync(cancellation);
            if (!parsed.GetValue(json))
                return await session.AskOnceAsync(text, cancellation);

            var answer = await session.AskAsync(text, cancellation);
            console.Json(new
            {
                answer.Text,
                finish_reason = answer.FinishReason?.Value,
                prompt_tokens = answer.Usage?.InputTokenCount,
                completion_tokens = answer.Usage?.OutputTokenCount,
            });
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }
}
