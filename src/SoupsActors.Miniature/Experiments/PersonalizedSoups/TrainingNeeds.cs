using System.Globalization;
using SoupsActors.Miniature.Experiments.Trainings;
using SoupsActors.Models.Experts;
using static SoupsActors.Miniature.Experiments.Answers.Figures;

namespace SoupsActors.Miniature.Experiments.PersonalizedSoups;

/// <summary>What each method had to be trained, and what a further preference would cost it.</summary>
internal static class TrainingNeeds
{
    private const string None = "–";

    public static void Write(
        ExperimentReport report,
        ExperimentContext context,
        IReadOnlyList<Expert> experts,
        PersonalizedSoupsOptions options,
        IReadOnlyList<PolicyRun> policies)
    {
        string[] preferences = [.. experts.Select(e => e.Provenance.Preference!)];
        var rewards = PackagedCost.OfRewards(context.Miniature, preferences);
        string[][] rows =
        [
            [MethodNames.Base, "0", "0", "0", "0", None, None, "nothing"],
            [MethodNames.Prompt, "0", "0", "0", "0", None, None, "a sentence, if the base understands it"],
            Policy(
                MethodNames.Rlhf,
                policies[0],
                rewardModels: 1,
                [.. GeneralRewardModel.Stages, policies[0].Stage],
                None,
                "nothing: it serves no preference"),
            [
                MethodNames.Multitask,
                "1",
                "0",
                Text(options.Multitask.Steps),
                Text(options.Multitask.Steps * options.Multitask.Batch),
                Here(MultitaskRun.Stage),
                None,
                "the training again, on all preferences",
            ],
            Policy(
                MethodNames.Morl,
                policies[1],
                preferences.Length,
                [policies[1].Stage],
                Package(rewards),
                "the training again, on all combinations, and a reward model"),
            [
                "soups",
                Text(experts.Count),
                Text(experts.Count),
                Sum("steps"),
                Sum("episodes"),
                None,
                Package(rewards + PackagedCost.OfExperts(context.Miniature, preferences)),
                "one training and one reward model; nothing else changes",
            ],
        ];
        report.Heading("What each method needs");
        report.Text(
            "Steps are updates of policies; answers are those sampled for them, or demonstrations read. A method costs "
            + "what both columns of seconds say, and **the two do not compare**: what was trained here is counted in "
            + "processor seconds of all threads, the general reward model and its answers included; what comes with "
            + "the package, reward models and the answers that they learnt from included, in seconds by the clock of "
            + "its build, which notes no processor time.");
        report.Table(
            [
                "method",
                "policies trained",
                "reward models",
                "steps",
                "answers",
                "here: CPU seconds",
                "package: clock seconds",
                "one more preference needs",
            ],
            rows);

        string[] Policy(
            string name, PolicyRun run, int rewardModels, IReadOnlyList<string> stages, string package, string more) =>
        [
            name,
            "1",
            Text(rewardModels),
            Text(run.Options.Steps),
            Text(run.Options.Steps * run.Options.Prompts * run.Options.Samples),
            Here([.. stages]),
            package,
            more,
        ];

        string Sum(string key)
        {
            var details = experts.Select(e => e.Provenance.Details?.GetValueOrDefault(key)).ToArray();
            return details.All(d => long.TryParse(d, CultureInfo.InvariantCulture, out _))
                ? details.Sum(d => long.Parse(d!, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture)
                : "not recorded";
        }

        string Here(params string[] stages) =>
            Number(stages.Sum(stage => context.Costs.Single(c => c.Stage == stage).CpuSeconds), "F0");
    }

    private static string Package(double? seconds) => seconds is { } noted ? Number(noted, "F0") : "not recorded";

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
