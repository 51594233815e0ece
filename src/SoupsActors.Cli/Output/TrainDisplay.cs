using System.Globalization;
using SoupsActors.Client;
using SoupsActors.Trainings;
using Spectre.Console;

namespace SoupsActors.Cli.Output;

/// <summary>Shows trainings.</summary>
internal static class TrainDisplay
{
    private static readonly string[] Shown =
        ["objective/scores", "objective/gold", "objective/kl_per_token", "val/response_length", "loss", "accuracy"];

    public static Table Table(IEnumerable<TrainingStatus> trainings)
    {
        var table = ConsoleOutput.NewTable("Training", "Phase", "Activity", "Step", "Worked", "W/T/L", "Version", "Reason");
        foreach (var t in trainings)
        {
            table.Line(
                t.Id,
                t.Phase.ToString(),
                t.Activity.ToString(),
                t.Progress is { } p ? $"{p.Step}/{p.Steps}" : "",
                ConsoleOutput.Clock(TimeSpan.FromSeconds(t.WorkedSeconds)),
                t.Evaluation is { } e ? $"{e.Wins}/{e.Ties}/{e.Losses}" : "",
                t.Version?.ToString(CultureInfo.InvariantCulture) ?? "",
                t.Reason ?? "");
        }

        return table;
    }

    public static void Print(IAnsiConsole console, TrainingStatus training, bool json)
    {
        if (json)
        {
            console.Json(training);
            return;
        }

        console.Write(Table([training]));
        if (training.Data is { } data)
            console.WriteLine($"Data: {data.Comparisons} comparisons, {data.HeldOut} held out, hash {data.Hash[..12]}");
        if (training.Reward is { } reward)
            console.WriteLine($"Reward model: {reward.Id[..12]}, held-out accuracy {Percent(reward.Accuracy)}");
        if (training.Policy is { } policy)
            console.WriteLine($"Policy: {policy.Steps} steps, weights {policy.Weights.Hash[..12]} {policy.StoppedBy}");
        if (training.Evaluation is { } found)
        {
            console.WriteLine(
                $"Evaluation by {found.Judge}{Asked(found)}: {found.Wins} wins, {found.Ties} ties, {found.Losses} "
                + "losses; win rate "
                + $"{Percent(found.WinRate)} ({Percent(found.Lower)} to {Percent(found.Upper)}), "
                + $"{found.KlPerToken.ToString("F3", CultureInfo.InvariantCulture)} nats per token from the base");
        }
    }

    /// <returns>The tool's exit code: success where a version was published.</returns>
    public static async Task<int> WatchAsync(
        IAnsiConsole console, TrainingsClient client, string preference, bool json, CancellationToken cancellation)
    {
        TrainingStatus? last = null;
        await foreach (var news in client.WatchAsync(preference, cancellation))
        {
            last = news.Status ?? last;
            if (json)
                console.Json(news);
            else if (news.Status is { } status)
                console.WriteLine($"{status.Id}: {status.Phase} ({status.Activity}) {status.Reason}".TrimEnd());
            else if (news.Progress is { Step: > 0 } step)
                console.Raw(Line(step) + "\n");
        }

        if (last is not null && !json)
            Print(console, last, json: false);
        return last?.Phase is TrainingPhase.Published ? SoupsTool.Success : SoupsTool.Failure;
    }

    private static string Line(TrainingProgress step)
    {
        var numbers = Shown.Where(step.Metrics.ContainsKey).Select(name =>
            $"{name} {step.Metrics[name].ToString("G4", CultureInfo.InvariantCulture)}");
        return $"  {step.Phase} {step.Step}/{step.Steps}  {string.Join("  ", numbers)}".TrimEnd();
    }

    private static string Asked(EvaluationSummary found) =>
        found.Prompts is { } prompts ? $" on {prompts} different prompts" : "";

    private static string Percent(double? share) => share is { } value
        ? (100 * value).ToString("F1", CultureInfo.InvariantCulture) + " %"
        : "unknown";
}
