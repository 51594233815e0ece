using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Judging;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Training;
using SoupsActors.Serving;
using SoupsActors.Tensors;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings.Stages;

/// <summary>
/// Compares the new version with the current one on prompts that nothing was learnt from: each answers once, the judge
/// says which answer meets the preference more clearly.
/// </summary>
internal static class EvaluationStage
{
    private const ulong EvaluationSeed = 0x65766121;

    public static async Task<StageOutcome> RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        await context.FetchParentAsync(cancellationToken);
        var training = context.Training;
        var request = context.Request;
        var prompts = Choose(context);
        using var backend = context.OpenBackend();
        using var transformer = context.OpenBase(backend);
        var candidate = LoadCandidate(context);
        var parent = context.LoadParent();

        var rollouts = context.OpenRollouts();
        var settings = new RolloutOptions
        {
            MaxTokens = request.MaxTokens,
            Seed = RolloutSeeds.Of(EvaluationSeed, unchecked((int)request.Seed)),
            Sampling = new SamplingOptions { Temperature = (float)(context.Model.Model.Generation.Temperature ?? 1) },
        };
        context.Report(0, prompts.Length);
        var mine = await rollouts.SampleAsync(prompts, RolloutPolicy.Of(candidate), settings, cancellationToken);
        var theirs = await rollouts.SampleAsync(
            prompts, parent is null ? RolloutPolicy.Base : RolloutPolicy.Of(parent), settings, cancellationToken);

        var kl = await KlPerTokenAsync(context, transformer, candidate, mine, cancellationToken);
        var (judge, owned) = Judge(context, transformer);
        var judgements = new List<Judgement>();
        using (owned)
        {
            var criterion = new Criterion(training.Preference, training.Criterion);
            for (var i = 0; i < prompts.Length; i++)
            {
                await context.YieldAsync(cancellationToken);
                judgements.Add(await judge.CompareAsync(
                    criterion, prompts[i].Text, mine[i].Text, theirs[i].Text, cancellationToken));
                context.Report(i + 1, prompts.Length);
            }
        }

        var counted = WinTieLoss.Of(judgements);
        var interval = counted.WinRateInterval;
        return new StageOutcome(StageEnd.Completed)
        {
            Evaluation = new EvaluationSummary(
                judge.Id,
                counted.Wins,
                counted.Ties,
                counted.Losses,
                double.IsNaN(counted.WinRate) ? 0.5 : counted.WinRate,
                interval.Lower,
                interval.Upper,
                kl,
                parent?.Hash),
        };
    }

    /// <summary>Held-out prompts, over and over with other draws where there are too few.</summary>
    private static RolloutPrompt[] Choose(StageContext context)
    {
        var set = TrainingSet.Of(context);
        var known = TrainingSet.Prompts(set.HeldOut, context.Services.Guide.HeldOutPrompts, context);
        if (known.Count == 0)
        {
            throw new ArgumentException(
                $"Every held-out prompt is too long for an answer of {context.Request.MaxTokens} tokens.");
        }

        return [.. Enumerable.Range(0, context.Request.EvaluationPrompts).Select(i => known[i % known.Count])];
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

    /// <summary>Mean of log π − log π_base over the tokens of the version's own answers, in nats.</summary>
    private static async Task<double> KlPerTokenAsync(
        StageContext context,
        TrainableTransformer transformer,
        Expert candidate,
        IReadOnlyList<Rollout> answers,
        CancellationToken cancellationToken)
    {
        using var adapter = LoraAdapter.From(transformer.Backend, transformer.Config, candidate.Factors);
        using var tape = new Tape(transformer.Backend, recording: false);
        var (sum, tokens) = (0.0, 0);
        foreach (var answer in answers)
        {
            await context.YieldAsync(cancellationToken);
            int[] all = [.. answer.Prompt.Tokens, .. answer.Response];
            var sequences = PackedSequences.Pack([all[..^1]]);
            var targets = all[1..];
            targets.AsSpan(0, answer.Prompt.Tokens.Length - 1).Fill(-1);
            sum += Losses(null) - Losses(adapter);
            tokens += answer.Response.Length;

            double Losses(LoraAdapter? with)
            {
                transformer.Adapter = with;
                var losses = transformer.Logits(tape, sequences).CrossEntropy(targets).ToArray();
                tape.Reset();
                return losses.Sum(loss => (double)loss);
            }
        }

        return sum / tokens;
    }
}
