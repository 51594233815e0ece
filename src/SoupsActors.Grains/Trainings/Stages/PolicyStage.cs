using System.Globalization;
using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Policy;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings.Stages;

/// <summary>Trains the policy and admits its weights to the store of experts; nobody is served by them yet.</summary>
internal static class PolicyStage
{
    public static async Task<StageOutcome> RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        await context.FetchParentAsync(cancellationToken);
        using var backend = context.OpenBackend();
        using var transformer = context.OpenBase(backend);
        using var policy = Adapter(context, backend, transformer);
        var end = context.Request.Method == TrainingMethod.Ppo
            ? await PpoAsync(context, transformer, policy, cancellationToken)
            : await DirectStage.RunAsync(context, transformer, policy, cancellationToken);
        var expert = AdapterFolder.Save(
            ExpertContent.Create(context.Training.Id, policy.ToFactors(), Provenance(context, policy)),
            context.Folder.Candidate);
        var admitted = await context.Experts.AdmitAsync(context.Folder.Candidate, cancellationToken);
        return admitted.Hash == expert.Hash
            ? new StageOutcome(StageEnd.Completed)
            {
                Policy = new PolicySummary(admitted, end.Steps, end.StoppedBy, end.Metrics),
            }
            : throw new InvalidDataException("The weights have changed on their way to the store.");
    }

    /// <summary>How a policy's loop ended.</summary>
    internal sealed record PolicyEnd(int Steps, string? StoppedBy, Dictionary<string, double> Metrics);

    private static async Task<PolicyEnd> PpoAsync(
        StageContext context, TrainableTransformer transformer, LoraAdapter policy, CancellationToken cancellationToken)
    {
        var request = context.Request;
        var model = context.Model.Model;
        using var reward = RewardModel.Load(context.Folder.Reward, transformer, model.BaseHash);
        using var critic = Critic.From(reward, transformer.Config);
        var prompts = TrainingSet.Fitting(TrainingSet.Of(context).Practice, context);
        if (prompts.Count == 0)
        {
            throw new ArgumentException(
                $"Every prompt is too long for an answer of {request.MaxTokens} tokens in a context of "
                    + $"{context.Format.MaxTokens}. Ask for shorter answers.");
        }

        var gold = context.Services.Guide.Gold(context.Training.Preference);
        var options = new PpoOptions
        {
            Steps = request.Steps,
            MaxTokens = request.MaxTokens,
            Seed = unchecked((ulong)request.Seed),
            MiniBatch = Math.Min(new PpoOptions { Steps = 1, MaxTokens = 1 }.MiniBatch, request.Batch),
            MaxKlPerToken = request.KlBound,
        };
        if (request.LearningRate is { } rate)
        {
            options = options with
            {
                PolicySchedule = new LearningRateSchedule(ScheduleKind.Constant, rate, request.Steps),
            };
        }

        var environment = new PpoEnvironment
        {
            BaseHash = model.BaseHash,
            Prompts = step => RolloutPrompt.Draw(prompts, request.Batch, unchecked((ulong)request.Seed), step),
            Rollouts = context.OpenRollouts(),
            Reward = new RewardModelSource(reward),
            Gold = gold is null ? null : rollout => gold(rollout.Prompt.Text, rollout.Text),
            StopWhen = _ => context.IsTimeOver,
            BetweenBatches = context.YieldAsync,
        };
        using var progress = context.Progress(request.Steps);
        var files = new PpoFiles(context.Folder.Policy, context.Training.Data!.Hash);
        try
        {
            var result = await PpoTraining.RunAsync(
                transformer,
                policy,
                critic,
                environment,
                options,
                files,
                progress,
                context.Services.Clock,
                cancellationToken);
            return new PolicyEnd(
                result.Steps, result.End == PpoEnd.Stopped ? "Its time was over." : null, Finite(result.Metrics));
        }
        catch (DivergedException error) when (progress.Last is { Step: > 1 } last)
        {
            // The adapter has its last good weights again; how good they are the evaluation tells.
            return new PolicyEnd(last.Step - 1, error.Message, Finite(last));
        }
    }

    /// <summary>
    /// What the policy starts as: the parent's weights, or nothing in a shape that the parent could be merged with.
    /// </summary>
    private static LoraAdapter Adapter(StageContext context, Backend backend, TrainableTransformer transformer)
    {
        var parent = context.LoadParent();
        if (parent is not null && context.Request.From == TrainingStart.Current)
            return LoraAdapter.From(backend, transformer.Config, parent.Factors, parent.Provenance.InitSeed ?? 0);
        var (rank, seed) = (context.Request.Rank, context.Services.Options.AdapterSeed);
        return new LoraAdapter(backend, transformer.Config, parent is null
            ? new LoraOptions { Rank = rank, Alpha = 2 * rank, InitSeed = seed }
            : new LoraOptions
            {
                Rank = parent.Factors[0].Rank,
                Alpha = parent.Factors[0].Scale * parent.Factors[0].Rank,
                Targets = [.. parent.Factors.Select(f => f.Module).Distinct().Order()],
                InitSeed = parent.Provenance.InitSeed ?? seed,
            });
    }

    private static ExpertProvenance Provenance(StageContext context, LoraAdapter policy) => new(
        context.Model.Model.BaseHash,
        policy.Options.InitSeed,
        context.Training.Preference,
        context.Request.Method.ToString().ToLowerInvariant(),
        context.Training.Reward?.Id,
        context.Job.Opponent?.Hash,
        new Dictionary<string, string>
        {
            ["training"] = context.Training.Id,
            ["data"] = context.Training.Data!.Hash,
            ["seed"] = context.Request.Seed.ToString(CultureInfo.InvariantCulture),
        });

    internal static Dictionary<string, double> Finite(TrainingMetrics? metrics) =>
        metrics is null ? [] : new(metrics.Values.Where(m => double.IsFinite(m.Value)));
}
