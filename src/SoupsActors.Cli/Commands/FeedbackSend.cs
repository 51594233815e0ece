using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Cli.Output;
using SoupsActors.Client;
using SoupsActors.Feedback;
using SoupsActors.Generation;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups feedback send</c>: one judgement.</summary>
internal static class FeedbackSend
{
    public static Command Create(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var user = new Argument<string>("user") { Description = "Whose opinion it is." };
        var interaction = Text("--interaction", "The answer it is about: the id of the response.");
        var prompt = Text("--prompt", "The prompt, where answers are texts.");
        var answer = Text("--answer", "The answer, where no interaction is named.");
        var preference = Text("--preference", "The preference it was judged by, such as P1A.");
        var operation = Text("--operation-id", "Names the event, so that it can be sent again; drawn by default.");
        var reaction = new Option<Thumb?>("--reaction") { Description = "up or down." };
        var rating = new Option<string[]>("--rating")
        {
            Description = "Marks from 1 to 5 by aspect, such as helpfulness=4,honesty=5.",
        };
        var correction = Text("--correction", "How the answer should read.");
        var chosen = Text("--chosen", "The better one of two answers; a text, or @ID for an interaction.");
        var rejected = Text("--rejected", "The other one.");
        var json = SiloOptions.Json();
        var command = new Command("send", "Send one judgement: --reaction, --rating, --correction, or --chosen and --rejected.")
        {
            user, interaction, prompt, answer, preference, operation, reaction, rating, correction, chosen, rejected, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var feedback = One(
                parsed.GetValue(reaction) is { } thumb ? new ReactionFeedback(thumb) { Answer = parsed.GetValue(answer) } : null,
                parsed.GetValue(rating) is { Length: > 0 } marks
                    ? new RatingFeedback(Marks(marks)) { Answer = parsed.GetValue(answer) }
                    : null,
                parsed.GetValue(correction) is { } text
                    ? new CorrectionFeedback(text) { Answer = parsed.GetValue(answer) }
                    : null,
                parsed.GetValue(chosen) is { } better && parsed.GetValue(rejected) is { } worse
                    ? new PairFeedback(Answer(better), Answer(worse))
                    : null);
            await using var services = silo.Connect(parsed);
            var result = await services.GetRequiredService<SoupsClient>().SendFeedbackAsync(
                feedback with
                {
                    User = parsed.GetRequiredValue(user),
                    Interaction = parsed.GetValue(interaction),
                    Preference = parsed.GetValue(preference),
                    OperationId = parsed.GetValue(operation) ?? "",
                    Prompt = parsed.GetValue(prompt) is { } asked ? [new ChatMessage("user", asked)] : null,
                },
                cancellation);
            if (parsed.GetValue(json))
                console.Json(result);
            else
                console.WriteLine(result.Status == FeedbackStatus.Duplicate ? "Stored before." : "Stored.");
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }

    private static FeedbackEvent One(params FeedbackEvent?[] given) => given.OfType<FeedbackEvent>().ToArray() is [var one]
        ? one
        : throw new ArgumentException(
            "Send one judgement: --reaction up, --rating helpfulness=4, --correction TEXT, or --chosen and --rejected.");

    private static FeedbackAnswer Answer(string text) =>
        text.StartsWith('@') ? FeedbackAnswer.Given(text[1..]) : FeedbackAnswer.Of(text);

    private static Dictionary<string, double> Marks(string[] texts)
    {
        var marks = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var text in texts.SelectMany(t => t.Split(',', StringSplitOptions.RemoveEmptyEntries)))
        {
            var cut = text.LastIndexOf('=');
            if (cut < 1 || !double.TryParse(text.AsSpan(cut + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var mark))
                throw new ArgumentException($"'{text}' is no mark; write it like helpfulness=4.");
            marks[text[..cut]] = mark;
        }

        return marks;
    }

    private static Option<string?> Text(string name, string description) => new(name) { Description = description };
}
