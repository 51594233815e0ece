using System.Globalization;
using SoupsActors.Miniature.Experiments;
using Spectre.Console;

namespace SoupsActors.Cli.Output;

/// <summary>A bar per stage of an experiment on a terminal; a line now and then in a log.</summary>
internal static class ExperimentDisplay
{
    public static async Task RunAsync(
        IAnsiConsole console, Func<IProgress<ExperimentProgress>, Task> run, TimeProvider? time = null)
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            await run(new Lines(console, time ?? TimeProvider.System));
            return;
        }

        await console.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new ElapsedTimeColumn(),
                new RemainingTimeColumn())
            .StartAsync(context => run(new Bars(context)));
    }

    private static string Describe(ExperimentProgress p) => p.Note is null ? p.Stage : $"{p.Stage}: {p.Note}";

    private sealed class Bars(ProgressContext context) : IProgress<ExperimentProgress>
    {
        private readonly Lock gate = new();
        private readonly Dictionary<string, ProgressTask> tasks = [];

        public void Report(ExperimentProgress value)
        {
            lock (gate)
            {
                if (!tasks.TryGetValue(value.Stage, out var task))
                    tasks[value.Stage] = task = context.AddTask(Markup.Escape(value.Stage), maxValue: value.Steps);
                task.Description = Markup.Escape(Describe(value));
                task.MaxValue = value.Steps;
                task.Value = value.Step;
            }
        }
    }

    private sealed class Lines(IAnsiConsole console, TimeProvider time) : IProgress<ExperimentProgress>
    {
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
        private readonly Lock gate = new();
        private readonly long start = time.GetTimestamp();
        private TimeSpan? last;

        public void Report(ExperimentProgress value)
        {
            lock (gate)
            {
                var elapsed = time.GetElapsedTime(start);
                if (value.Step != 0 && value.Step != value.Steps && last is { } shown && elapsed - shown < Pause)
                    return;
                last = elapsed;
                console.Raw(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{ConsoleOutput.Clock(elapsed)} {Describe(value)}, {value.Step}/{value.Steps}\n"));
            }
        }
    }
}
