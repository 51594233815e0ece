using SoupsActors.Learning;
using SoupsActors.Miniature.Corpus;

namespace SoupsActors.Miniature.Recipe.Stages;

/// <summary>The base answers questions, so that judges have something to compare.</summary>
internal static class AnswerStage
{
    private const string Stage = "answers";

    public static async Task<(AnswerPool Training, AnswerPool HeldOut)> RunAsync(
        BuildContext build, LearningModel model, CancellationToken cancellation)
    {
        var recipe = build.Recipe;
        var report = build.Begin(Stage, 2);
        var training = await PoolAsync(CorpusSplit.Expert, recipe.PoolQuestions);
        var heldOut = await PoolAsync(CorpusSplit.HeldOut, recipe.HeldOutQuestions);
        report.End();
        return (training, heldOut);

        async Task<AnswerPool> PoolAsync(CorpusSplit split, int questions)
        {
            var file = build.WorkFile($"{Stage}-{split}.jsonl");
            if (File.Exists(file))
                return AnswerPool.Load(file);
            var started = TimeProvider.System.GetTimestamp();
            var size = new PoolSize(questions, recipe.AnswersPerQuestion);
            var seed = build.Seed($"{Stage} {split}");
            var pool = recipe.AnswersFromCorpus
                ? AnswerPool.Write(build.Corpus, split, size, seed)
                : await AnswerPool.SampleAsync(
                    build.Corpus, split, model.Format.Prompt, model.Rollouts, size, recipe.MaxAnswerTokens, seed, cancellation);
            pool.Save(file);
            build.Costs.Add(
                Stage,
                TimeProvider.System.GetElapsedTime(started),
                0,
                (long)(recipe.PoolQuestions + recipe.HeldOutQuestions) * recipe.AnswersPerQuestion);
            return pool;
        }
    }
}
