using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rewards;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Judges;
using SoupsActors.Miniature.Recipe;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Experiments.Trainings;

/// <summary>
/// The numbers of the general reward model. What is not set is as the package's reward models are trained.
/// </summary>
public sealed record GeneralRewardOptions
{
    private static readonly MiniatureRecipe Package = new();

    /// <summary>Questions about training topics whose answers are compared.</summary>
    public int Questions { get; init; } = Package.PoolQuestions;

    /// <summary>Questions about held-out topics that it is tested on.</summary>
    public int HeldOutQuestions { get; init; } = Package.HeldOutQuestions;

    /// <summary>Answers to each question.</summary>
    public int AnswersPerQuestion { get; init; } = Package.AnswersPerQuestion;

    /// <summary>Most comparisons of one question's answers.</summary>
    public int ComparisonsPerQuestion { get; init; } = Package.ComparisonsPerQuestion;

    /// <summary>Steps, at least 1.</summary>
    public int Steps { get; init; } = Package.RewardSteps;

    /// <summary>Comparisons of a step.</summary>
    public int Batch { get; init; } = Package.RewardBatch;

    /// <summary>Peak learning rate.</summary>
    public double LearningRate { get; init; } = Package.RewardLearningRate;

    /// <summary>Rank of its adapter.</summary>
    public int Rank { get; init; } = Package.RewardRank;

    /// <summary>Most tokens of an answer.</summary>
    public int MaxTokens { get; init; } = Package.MaxAnswerTokens;

    /// <summary>Takes the answers from the corpus, for bases too small to say anything to compare.</summary>
    public bool AnswersFromCorpus { get; init; }
}

/// <summary>
/// The one reward model of plain RLHF, learnt as those of the preferences are: the base answers, a rule that stands for
/// the annotators (<see cref="GeneralReward"/>) compares, and the model sees the comparisons alone.
/// </summary>
internal static class GeneralRewardModel
{
    private const string Answers = "general-answers";
    private const string Training = "train-general-reward";

    /// <summary>The stages whose costs are the model's.</summary>
    public static IReadOnlyList<string> Stages { get; } = [Answers, Training];

    /// <summary>Trains the model, or reads it back; it is the caller's.</summary>
    public static async Task<RewardModel> TrainAsync(
        ExperimentContext context,
        JudgePanel judges,
        GeneralRewardOptions options,
        CancellationToken cancellationToken)
    {
        var pools = await context.StageAsync(Answers, () => SampleAsync(context, options, cancellationToken));
        return await context.RewardAsync(Training, async checkpoint =>
        {
            var seed = (int)(context.SeedOf(Training) >> 33);
            var pairs = Pairs(pools.Training);
            if (pairs.Length == 0)
            {
                throw new InvalidOperationException(
                    "No answer of the base is more helpful than another to the same question, so there is nothing to "
                    + "compare. Train the base longer, or ask more questions.");
            }

            var model = RewardModel.Create(context.Model.Transformer, context.Model.BaseHash, new RewardModelOptions
            {
                Lora = new LoraOptions { Rank = options.Rank, Alpha = 2 * options.Rank, InitSeed = seed },
                HeadSeed = seed,
            });
            try
            {
                await RewardTraining.RunAsync(
                    model,
                    pairs,
                    Pairs(pools.HeldOut),
                    new RewardTrainingOptions
                    {
                        Steps = options.Steps,
                        BatchPairs = options.Batch,
                        Schedule = new LearningRateSchedule(
                            ScheduleKind.Cosine,
                            options.LearningRate,
                            options.Steps,
                            warmupSteps: options.Steps / 10,
                            finalFraction: 0.05),
                        Seed = seed,
                        ScoreL2 = 0.01,
                    },
                    checkpoint,
                    new RewardWatch(context, Training, options.Steps),
                    cancellation: cancellationToken);
                return model;
            }
            catch
            {
                model.Dispose();
                throw;
            }
        });

        TokenPair[] Pairs(IReadOnlyList<PooledAnswer> pool) =>
        [
            .. Compare(pool, judges, options.ComparisonsPerQuestion, context.RandomOf(Training + "/comparisons"))
                .Select(context.Model.Format.Pair),
        ];
    }

    /// <summary>Pairs of answers to one question that the rule tells apart, the better one first.</summary>
    internal static IEnumerable<Comparison> Compare(
        IReadOnlyList<PooledAnswer> pool, JudgePanel judges, int perQuestion, Random random)
    {
        foreach (var question in pool.GroupBy(a => a.Question, StringComparer.Ordinal))
        {
            var answers = question
                .Select(a => (a.Answer, Score: GeneralReward.Score(judges, TopicLibrary.Default, a.Topic, a.Answer)))
                .ToArray();
            var pairs = (
                from better in answers
                from worse in answers
                where better.Score - worse.Score >= GeneralReward.TieMargin
                select new Comparison(question.Key, better.Answer, worse.Answer) { Source = "rule" }).ToArray();
            random.Shuffle(pairs);
            foreach (var pair in pairs.Take(perQuestion))
                yield return pair;
        }
    }

    private static async Task<AnswerPools> SampleAsync(
        ExperimentContext context, GeneralRewardOptions options, CancellationToken cancellationToken)
    {
        return new AnswerPools(
            await PoolAsync(CorpusSplit.Expert, options.Questions),
            await PoolAsync(CorpusSplit.HeldOut, options.HeldOutQuestions));

        async Task<IReadOnlyList<PooledAnswer>> PoolAsync(CorpusSplit split, int questions)
        {
            var size = new PoolSize(questions, options.AnswersPerQuestion);
            var seed = (int)(context.SeedOf($"{Answers}/{split}") >> 33);
            var pool = options.AnswersFromCorpus
                ? AnswerPool.Write(CorpusGenerator.Default, split, size, seed)
                : await AnswerPool.SampleAsync(
                    CorpusGenerator.Default,
                    split,
                    context.Model.Format.Prompt,
                    context.Model.Rollouts,
                    size,
                    options.MaxTokens,
                    seed,
                    cancellationToken);
            return pool.Answers;
        }
    }

    private sealed record AnswerPools(IReadOnlyList<PooledAnswer> Training, IReadOnlyList<PooledAnswer> HeldOut);
}
