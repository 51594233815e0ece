using System.Globalization;
using SoupsActors.Miniature.Experiments.Trainings;
using SoupsActors.Models.Experts;
using static SoupsActors.Miniature.Experiments.Answers.Figures;

namespace SoupsActors.Miniature.Experiments.PersonalizedSoups;

/// <summary>What each method had to be trained, and what a further preference would cost it.</summary>
internal static class TrainingNeeds
{
    public static void Write(
        ExperimentReport report,
        ExperimentContext context,
        IReadOnlyList<Expert> experts,
        PersonalizedSoupsOptions options,
        IReadOnlyList<PolicyRun> policies)
    {
        report.Heading("What each method needs");
        var rows = new List<string[]>
        {
            new[] { MethodNames.Base, "0", "0", "0", "0", "nothing" },
            new[] { MethodNames.Prompt, "0", "0", "0", "0", "a sentence, if the base understands it" },
            Policy(MethodNames.Rlhf, policies[0], "nothing: it serves no preference"),
            new[]
            {
                MethodNames.Multitask,
                "1",
                Text(options.Multitask.Steps),
                Text(options.Multitask.Steps * options.Multitask.Batch),
                Seconds(MultitaskRun.Stage),
                "the training again, on all preferences"
            },
            Policy(MethodNames.Morl, policies[1], "the training again, on all combinations, and a reward model"),
            Soups(),
        };
        report.Text(
            "Steps are updates of one policy; answers are those sampled, or demonstrations read. Seconds are "
            + "processor seconds of all threads for what was trained here.");
        report.Table(["method", "trainings", "steps", "answers", "CPU seconds", "one more preference needs"], rows);

        string[] Policy(string name, PolicyRun run, string more) =>
        [
            name,
            "1",
            Text(run.Options.Steps),
            Text(run.Options.Steps * run.Options.Prompts * run.Options.Samples),
            Seconds(run.Stage),
            more
        ];

        string[] Soups()
        {
            var details = experts.Select(e => e.Provenance.Details ?? new Dictionary<string, string>()).ToArray();
            return
            [
                "soups",
                Text(experts.Count),
                Sum("steps"),
                Sum("episodes"),
                PackagedCost.Seconds(context.Miniature, experts.Select(e => e.Provenance.Preference!)) is { } seconds
                    ? $"{Number(seconds, "F0")} seconds, by the clock of the package's build"
                    : "not recorded",
                "one training and one reward model; nothing else changes",
            ];

            string Sum(string key) =>
                details.All(d => long.TryParse(d.GetValueOrDefault(key), CultureInfo.InvariantCulture, out _))
                ? details.Sum(d => long.Parse(d[key], CultureInfo.InvariantCulture)).ToString(
                    CultureInfo.InvariantCulture)
                : "not recorded";
        }

        string Seconds(string stage) => Number(context.Costs.Single(c => c.Stage == stage).CpuSeconds, "F0");
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
