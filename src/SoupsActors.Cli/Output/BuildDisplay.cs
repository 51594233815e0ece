using System.Globalization;
using SoupsActors.Miniature.Recipe;
using Spectre.Console;

namespace SoupsActors.Cli.Output;

/// <summary>A bar per stage with rate and time left on a terminal; a line now and then in a log.</summary>
internal static class BuildDisplay
{
    public static Task RunAsync(IAnsiConsole console, Func<IProgress<BuildProgress>, Task> build)
    {
        if (!console.Profile.Capabilities.Interactive)
            return build(new Lines(console));

        return console.Progress()
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn())
            .StartAsync(context => build(new Bars(context)));
    }

    private static string Describe(BuildProgress p) => p.Detail.Length == 0 ? p.Stage : $"{p.Stage}: {p.Detail}";

    private sealed class Bars(ProgressContext context) : IProgress<BuildProgress>
    {
        private readonly Dictionary<string, ProgressTask> tasks = [];
        private readonly ProgressTask all = context.AddTask("whole build", maxValue: 1);

        public void Report(BuildProgress value)
        {
            if (!tasks.TryGetValue(value.Stage, out var task))
                tasks[value.Stage] = task = context.AddTask(value.Stage, maxValue: value.Steps);
            task.Description = Markup.Escape(Describe(value));
            task.Value = value.Step;
            all.Value = value.Done;
        }
    }

    private sealed class Lines(IAnsiConsole console) : IProgress<BuildProgress>
    {
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
        private readonly long start = TimeProvider.System.GetTimestamp();
        private double firstDone = double.NaN;
        private TimeSpan? last;

        public void Report(BuildProgress value)
        {
            var elapsed = TimeProvider.System.GetElapsedTime(start);
            if (double.IsNaN(firstDone))
                firstDone = value.Done;
            if (value.Step != value.Steps && value.Step != 0 && last is { } shown && elapsed - shown < Pause)
                return;
            last = elapsed;
            var share = (value.Done - firstDone) / (1 - firstDone);
            var left = share > 0 ? ConsoleOutput.Clock(elapsed / share - elapsed) : "?";
            console.Raw(string.Create(
                CultureInfo.InvariantCulture,
                $"{ConsoleOutput.Clock(elapsed)} {Describe(value)}, step {value.Step}/{value.Steps}, {100 * value.Done:F0} % of the build, about {left} left\n"));
        }
    }
}
