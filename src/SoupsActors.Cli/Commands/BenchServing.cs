using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Cli.Bench;
using SoupsActors.Cli.Output;
using SoupsActors.Client;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary>
/// <c>soups bench serving-under-training</c>: what users get from a silo while it trains, beside what they get
/// otherwise.
/// </summary>
internal static class BenchServing
{
    public static Command Create(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var preference = new Argument<string>("preference")
        {
            Description = "A preference with feedback to train on; its training is cancelled at the end.",
        };
        var streams = Whole("--streams", "Users who ask at once, one answer after the other.", 4);
        var tokens = Whole("--tokens", "Longest answer in tokens.", 48);
        var seconds = Whole("--seconds", "Length of each measurement.", 30);
        var batch = Whole("--batch", "Answers of one step of the policy.", 32);
        var json = SiloOptions.Json();
        var command = new Command(
            "serving-under-training", "Throughput of a running silo, alone and while it trains a policy by PPO.")
        {
            preference, streams, tokens, seconds, batch, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            var load = new ServingLoad(
                services.GetRequiredService<SoupsClient>(),
                services.GetRequiredService<IChatClient>(),
                parsed.GetValue(streams),
                parsed.GetValue(tokens),
                TimeSpan.FromSeconds(parsed.GetValue(seconds)));
            var settings = new TrainingSettings
            {
                Steps = 100_000,
                RewardSteps = 10,
                Batch = parsed.GetValue(batch),
                MaxTokens = parsed.GetValue(tokens),
                KlBound = 1000,
            };
            var asJson = parsed.GetValue(json);
            var progress = new Lines(line =>
            {
                if (!asJson)
                    console.WriteLine(line);
            });
            var figures = await load.RunAsync(parsed.GetRequiredValue(preference), settings, progress, cancellation);
            if (asJson)
            {
                console.Json(new { bench = "serving-under-training", figures });
                return SoupsTool.Success;
            }

            var table = ConsoleOutput.NewTable(
                "Tokens/s alone", "Tokens/s beside training", "Ratio", "Policy steps", "Seconds");
            table.Line(
                Number(figures.IdleTokensPerSecond, "F0"),
                Number(figures.TrainingTokensPerSecond, "F0"),
                Number(figures.Ratio, "P0"),
                figures.PolicySteps.ToString(CultureInfo.InvariantCulture),
                Number(figures.Seconds, "F0"));
            console.Write(table);
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }

    private static Option<int> Whole(string name, string description, int fallback) =>
        new(name) { Description = description, DefaultValueFactory = _ => fallback };

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed class Lines(Action<string> write) : IProgress<string>
    {
        public void Report(string value) => write(value);
    }
}
