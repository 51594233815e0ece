using SoupsActors.Learning;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rewards;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Recipe.Stages;

/// <summary>One preference's reward model, from comparisons that its judge made of the base's answers.</summary>
internal static class RewardStage
{
    public static async Task RunAsync(
        BuildContext build,
        LearningModel model,
        Preference preference,
        AnswerPool training,
        AnswerPool heldOut,
        CancellationToken cancellation)
    {
        if (build.Folder.HasReward(preference.Id))
            return;
        var recipe = build.Recipe;
        var stage = $"reward {preference.Id}";
        var report = build.Begin(stage, recipe.RewardSteps);
        var started = TimeProvider.System.GetTimestamp();
        var pairs = Pairs(training, JudgedComparisons.ClearMargin);
        if (pairs.Length == 0)
        {
            throw new InvalidOperationException(
                $"The judge finds no clear difference between any two answers of the base by {preference}. "
                + "Train the base longer, or ask more questions.");
        }

        var options = new RewardTrainingOptions
        {
            Steps = recipe.RewardSteps,
            BatchPairs = recipe.RewardBatch,
            Schedule = new LearningRateSchedule(
                ScheduleKind.Cosine,
                recipe.RewardLearningRate,
                recipe.RewardSteps,
                warmupSteps: recipe.RewardSteps / 10,
                finalFraction: 0.05),
            Seed = build.Seed(stage),
            ScoreL2 = 0.01,
        };
        var checkpoint = build.Checkpoint(stage);
        using var reward = RewardModel.Create(model.Transformer, model.BaseHash, new RewardModelOptions
        {
            Lora = new LoraOptions { Rank = recipe.RewardRank, Alpha = 2 * recipe.RewardRank, InitSeed = build.Seed(stage) },
            HeadSeed = build.Seed(stage),
            Preference = preference.Id,
        });
        await RewardTraining.RunAsync(
            reward, pairs, Pairs(heldOut, JudgedComparisons.ClearMargin), options, checkpoint, report, cancellation: cancellation);
        reward.Save(build.Folder.Reward(preference.Id));
        build.Costs.Add(
            stage,
            TimeProvider.System.GetElapsedTime(started),
            recipe.RewardSteps,
            (long)recipe.RewardSteps * recipe.RewardBatch);
        checkpoint.Delete();

        TokenPair[] Pairs(AnswerPool pool, double clarity) =>
        [
            .. JudgedComparisons.Draw(
                pool, build.Judges, preference.Id, recipe.ComparisonsPerQuestion, clarity, build.Seed(stage))
                .Select(model.Format.Pair),
        ];
    }
}
