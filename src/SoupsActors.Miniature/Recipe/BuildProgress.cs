using SoupsActors.Learning.Supervised;
using SoupsActors.Learning.Training;

namespace SoupsActors.Miniature.Recipe;

/// <summary>How far a build has come.</summary>
/// <param name="Stage">What is being made, such as <c>base</c> or <c>reward P1A</c>.</param>
/// <param name="Step">Steps of this stage done.</param>
/// <param name="Steps">Steps of this stage in all.</param>
/// <param name="Detail">What was measured last, for people.</param>
/// <param name="Done">Work of all stages done, 0 to 1.</param>
public sealed record BuildProgress(string Stage, int Step, int Steps, string Detail, double Done);

/// <summary>The stages of a build with the share of the work that each is.</summary>
internal sealed class BuildPlan
{
    private readonly List<(string Stage, double Work)> stages = [];

    public BuildPlan(MiniatureRecipe recipe)
    {
        // A unit is one conversation forwards and backwards. Answering one costs about as much; an answer of PPO is also
        // scored by four models, and each pass over it updates two.
        Add("tokenizer", 200);
        Add("base", (double)recipe.BaseSteps * recipe.BaseBatch);
        Add("answers", (double)(recipe.PoolQuestions + recipe.HeldOutQuestions) * recipe.AnswersPerQuestion);
        foreach (var preference in Preferences.All)
            Add($"reward {preference.Id}", 2.0 * recipe.RewardSteps * recipe.RewardBatch);
        foreach (var preference in Preferences.All)
        {
            var answers = (double)recipe.PolicySteps * recipe.PolicyPrompts * recipe.PolicySamples;
            Add($"expert {preference.Id}", answers * (1 + 4 / 3.0 + 2.0 * recipe.PolicyEpochs));
        }

        Add("evaluation", 2000);
    }

    /// <summary>Share of all work that is done when a stage has come so far.</summary>
    public double Done(string stage, double share)
    {
        var index = stages.FindIndex(s => s.Stage == stage);
        var done = stages.Take(index).Sum(s => s.Work) + share * stages[index].Work;
        return done / stages.Sum(s => s.Work);
    }

    private void Add(string stage, double work) => stages.Add((stage, work));
}

/// <summary>Reports one stage.</summary>
internal sealed class StageReport(BuildPlan plan, IProgress<BuildProgress>? progress, string stage, int steps)
    : IProgress<SupervisedProgress>, IProgress<TrainingMetrics>
{
    public void Begin() => Report(0, "");

    public void End() => Report(steps, "done");

    public void Report(SupervisedProgress value) =>
        Report(value.Step, FormattableString.Invariant($"loss {value.Loss:F3}, {value.TokensPerSecond:F0} tokens/s"));

    public void Report(TrainingMetrics value)
    {
        (string Name, string Text)[] shown =
        [
            (MetricNames.Loss, "loss"), (MetricNames.Accuracy, "accuracy"), (MetricNames.Scores, "reward"),
            (MetricNames.Gold, "gold"), (MetricNames.KlPerToken, "KL/token"), (MetricNames.ResponseLength, "tokens"),
        ];
        Report(value.Step, string.Join(", ", shown
            .Where(s => value.Values.ContainsKey(s.Name))
            .Select(s => FormattableString.Invariant($"{s.Text} {value[s.Name]:F3}"))));
    }

    private void Report(int step, string detail) =>
        progress?.Report(new BuildProgress(stage, step, steps, detail, plan.Done(stage, (double)step / steps)));
}
