using System.Globalization;
using SoupsActors.Cli.Output;
using Spectre.Console;

namespace SoupsActors.Cli.Feedback;

/// <summary>A bar for each file on a terminal, then what became of it.</summary>
internal static class ImportDisplay
{
    private const int ShownProblems = 20;

    public static async Task<FeedbackImportResult> RunAsync(
        IAnsiConsole console,
        FileInfo file,
        bool json,
        Func<IProgress<FeedbackImportProgress>, Task<FeedbackImportResult>> import)
    {
        var result = json || !console.Profile.Capabilities.Interactive
            ? await import(new Bar(null))
            : await console.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(context => import(new Bar(context.AddTask(Markup.Escape(file.Name)))));
        if (json)
            console.Json(result);
        else
            Print(console, result);
        return result;
    }

    private static void Print(IAnsiConsole console, FeedbackImportResult result)
    {
        var stored = result.Accepted + result.Duplicates == 0
            ? ""
            : Text($", {result.Accepted:N0} stored, {result.Duplicates:N0} there before");
        console.Raw(Text(
            $"{result.File}: {result.Entries:N0} entries, {result.Events:N0} events{stored}, {result.Bad:N0} bad\n"));
        foreach (var problem in result.Problems.Take(ShownProblems))
            console.Raw(Text($"  line {problem.Line}: the entry {problem.Reason}\n"));
        if (result.Bad > ShownProblems)
            console.Raw(Text($"  and {result.Bad - Math.Min(ShownProblems, result.Problems.Count):N0} more\n"));
        foreach (var (reason, count) in result.Skipped)
            console.Raw(Text($"  left out {count:N0} times: {reason}\n"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Bar(ProgressTask? task) : IProgress<FeedbackImportProgress>
    {
        public void Report(FeedbackImportProgress value)
        {
            if (task is null)
                return;
            task.Value = 100 * value.Share;
        }
    }
}
