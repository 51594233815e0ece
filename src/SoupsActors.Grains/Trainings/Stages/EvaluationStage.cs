using System.Text.Json;
using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Judging;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Training;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings.Stages;

/// <summary>
/// Compares the new version with the current one on prompts that nothing was learnt from: each answers once, the judge
/// says which answer meets the preference more clearly.
/// </summary>
internal static class EvaluationStage
{
    public static async Task<StageOutcome> RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        await context.FetchParentAsync(cancellationToken);
        var prompts = TrainingSet.Fitting(TrainingSet.Of(context).Evaluation, context);
        if (prompts.Count == 0)
        {
            throw new ArgumentException(
                $"Every held-out prompt is too long for an answer of {context.Request.MaxTokens} tokens.");
        }

        // Over and over with other draws where there are too few.
        RolloutPrompt[] questions =
            [.. Enumerable.Range(0, context.Request.EvaluationPrompts).Select(i => prompts[i % prompts.Count])];
        using var backend = context.OpenBackend();
        using var transformer = context.OpenBase(backend);
        var parent = context.LoadParent();
        var (judge, owned) = Judge(context, transformer);
        using (owned)
        {
            using var log = EvaluationLog.Open(
                context.Folder["judgements.jsonl"], Fingerprint(context, questions, judge, parent));
            await new VersionComparison(context, questions, log).RunAsync(
                transformer,
                LoadCandidate(context),
                parent,
                new PatientJudge(judge, context.Services.Clock),
                cancellationToken);
            return new StageOutcome(StageEnd.Completed)
            {
                Evaluation = Summary(log, prompts.Count, questions.Length, judge, parent),
            };
        }
    }

    /// <summary>
    /// The counts are of comparisons. Their interval takes prompts as what was drawn: answers to one prompt go alike.
    /// </summary>
    private static EvaluationSummary Summary(
        EvaluationLog log, int prompts, int questions, IJudge judge, Expert? parent)
    {
        WinTieLoss[] byPrompt =
        [
            .. Enumerable.Range(0, questions).GroupBy(q => q % prompts)
                .Select(g => WinTieLoss.Of(g.Select(q => log.Judgements[q]))),
        ];
        var counted = byPrompt.Aggregate((a, b) => a + b);
        var interval = ConfidenceInterval.OfGroups(byPrompt);
        var answers = Enumerable.Range(0, questions).Select(q => log.Answers[q]).ToArray();
        return new EvaluationSummary(
            judge.Id,
            counted.Wins,
            counted.Ties,
            counted.Losses,
            double.IsNaN(counted.WinRate) ? 0.5 : counted.WinRate,
            interval.Lower,
            interval.Upper,
            answers.Sum(a => a.LogRatio) / answers.Sum(a => a.New.Length),
            parent?.Hash)
        {
            Prompts = byPrompt.Length,
        };
    }

    private static string Fingerprint(
        StageContext context, IEnumerable<RolloutPrompt> questions, IJudge judge, Expert? parent)
    {
        using var hash = new ContentHash("soups-evaluation-1");
        hash.Add(context.Training.Policy!.Weights.Hash);
        hash.Add(parent?.Hash ?? "");
        hash.Add(judge.Id);
        hash.Add(context.Training.Criterion);
        hash.Add(JsonSerializer.Serialize(context.Request));
        foreach (var question in questions)
            hash.Add([.. question.Tokens.Select(token => (long)token)]);
        return hash.Finish();
    }

    private static Expert LoadCandidate(StageContext context)
    {
        var weights = context.Training.Policy!.Weights;
        return context.Experts.Load(new SoupsActors.Experts.ExpertLease(
            context.Job.Run, context.Training.Id, 0, weights.Hash, weights.Path, weights.BaseHash, weights.Preference,
            DateTimeOffset.MaxValue));
    }

    private static (IJudge Judge, IDisposable? Owned) Judge(StageContext context, TrainableTransformer transformer)
    {
        var guide = context.Services.Guide;
        var preference = context.Training.Preference;
        switch (guide.Resolve(context.Request.Judge, preference))
        {
            case TrainingJudge.Rules:
                return (guide.Rules(preference)!, null);
            case TrainingJudge.Chat:
                return (guide.Chat!, null);
            default:
                var reward = RewardModel.Load(context.Folder.JudgeReward, transformer, context.Model.Model.BaseHash);
                var rewards = new Dictionary<string, IRewardSource> { [preference] = new RewardModelSource(reward) };
                return (new RewardModelJudge(rewards, context.Format), reward);
        }
    }
}
