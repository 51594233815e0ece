using SoupsActors.Learning.Supervised;
using SoupsActors.Models.Files;
using SoupsActors.Models.Tokenization;
using SoupsActors.Models.Tokenization.Training;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Recipe.Stages;

/// <summary>The tokenizer and the base model, from nothing but the corpus.</summary>
internal static class BaseStage
{
    public static void Run(BuildContext build, CancellationToken cancellation)
    {
        BuildTokenizer(build, cancellation);
        if (!File.Exists(Path.Combine(build.Folder.Base, "model.safetensors")))
            BuildModel(build, cancellation);
    }

    private static void BuildTokenizer(BuildContext build, CancellationToken cancellation)
    {
        if (File.Exists(Path.Combine(build.Folder.Base, "tokenizer.json")))
            return;
        var report = build.Begin("tokenizer", 1);
        var random = new Random(build.Recipe.Seed);
        var texts = Enumerable.Range(0, build.Recipe.TokenizerSamples).Select(_ =>
        {
            var sample = build.Corpus.BaseSample(random);
            return sample.Prompt + "\n" + sample.Answer;
        });
        var tokenizer = BpeTrainer.Train(
            texts,
            new BpeTrainerOptions
            {
                VocabularySize = build.Recipe.VocabularySize,
                SpecialTokens = MiniatureFormat.SpecialTokens,
                BosToken = MiniatureFormat.BeginOfText,
                EosToken = MiniatureFormat.EndOfText,
                ChatTemplate = MiniatureFormat.Template,
            },
            cancellationToken: cancellation);
        Directory.CreateDirectory(build.Folder.Base);
        tokenizer.Save(build.Folder.Base);
        report.End();
    }

    private static void BuildModel(BuildContext build, CancellationToken cancellation)
    {
        var recipe = build.Recipe;
        var report = build.Begin("base", recipe.BaseSteps);
        var started = TimeProvider.System.GetTimestamp();
        var tokenizer = Tokenizer.Load(build.Folder.Base);
        var config = MiniatureFormat.Config(recipe, tokenizer.VocabularySize);
        var data = new ConversationData(
            build.Corpus, tokenizer, MiniatureFormat.Template, recipe.ContextLength, recipe.Seed);
        var checkpoint = new TrainingCheckpoint(build.WorkFile("base.safetensors"), build.Fingerprint("base"));
        using var model = TrainableTransformer.Random(build.Backend, config, recipe.Seed);
        SupervisedTraining.Run(
            model,
            step => data.Base(step, recipe.BaseBatch),
            new SupervisedOptions
            {
                Steps = recipe.BaseSteps,
                Schedule = new LearningRateSchedule(
                    ScheduleKind.Cosine,
                    recipe.BaseLearningRate,
                    recipe.BaseSteps,
                    warmupSteps: recipe.BaseSteps / 20,
                    finalFraction: 0.05),
                Optimiser = new AdamWOptions { Beta2 = 0.95f, WeightDecay = 0.05f },
            },
            checkpoint,
            report,
            cancellation: cancellation);

        var tensors = model.Parameters.ToDictionary(p => p.Key, p => p.Value.ToArray());
        using var weights = ModelWeights.Create(config, tensors, MiniatureFormat.Generation(tokenizer));
        weights.Save(build.Folder.Base, SafetensorsType.F16);
        build.Costs.Add(
            "base",
            TimeProvider.System.GetElapsedTime(started),
            recipe.BaseSteps,
            (long)recipe.BaseSteps * recipe.BaseBatch);
        checkpoint.Delete();
    }
}
