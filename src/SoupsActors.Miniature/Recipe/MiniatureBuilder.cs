using System.Text.Json;
using SoupsActors.Learning.Supervised;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Tokenization;
using SoupsActors.Models.Tokenization.Training;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Recipe;

/// <summary>How far a build has come.</summary>
/// <param name="Stage">What is being made: <c>tokenizer</c>, <c>base</c> or a preference's id.</param>
/// <param name="Step">Steps of this stage done.</param>
/// <param name="Steps">Steps of this stage in all.</param>
/// <param name="Loss">Mean loss per token, NaN where there is none.</param>
/// <param name="TokensPerSecond">Tokens processed per second, 0 where none are.</param>
/// <param name="DoneTokens">Tokens of all stages done, estimated; with <paramref name="AllTokens"/> the share of the build.</param>
/// <param name="AllTokens">Tokens of all stages, estimated.</param>
public sealed record BuildProgress(
    string Stage, int Step, int Steps, double Loss, double TokensPerSecond, double DoneTokens, double AllTokens);

/// <summary>
/// Builds the miniature from nothing but the corpus: tokenizer, base model, one expert per preference. A build that was
/// stopped goes on where it was; one of another recipe in the same folder is refused.
/// </summary>
public sealed class MiniatureBuilder(Backend backend, MiniatureRecipe recipe, MiniatureFolder folder)
{
    private readonly CorpusGenerator corpus = CorpusGenerator.Default;

    /// <summary>Makes what is missing.</summary>
    /// <param name="progress">Told about every stage.</param>
    /// <param name="cancellation">Stops after the current training step; nothing done is lost.</param>
    /// <exception cref="InvalidOperationException">The folder holds results of another recipe.</exception>
    public void Build(IProgress<BuildProgress>? progress = null, CancellationToken cancellation = default)
    {
        Directory.CreateDirectory(folder.Work);
        CheckRecipe();
        var report = new StageReport(recipe, progress);
        var tokenizer = BuildTokenizer(report, cancellation);
        BuildBase(tokenizer, report, cancellation);
        foreach (var preference in Preferences.All)
            BuildExpert(tokenizer, preference, report, cancellation);
        Directory.Delete(folder.Work, recursive: true);
    }

    private string RecipeFile => Path.Combine(folder.Root, "recipe.json");

    private void CheckRecipe()
    {
        if (!File.Exists(RecipeFile))
        {
            File.WriteAllText(RecipeFile, JsonSerializer.Serialize(recipe, Indented));
            return;
        }

        var found = JsonSerializer.Deserialize<MiniatureRecipe>(File.ReadAllText(RecipeFile));
        if (found?.Fingerprint() != recipe.Fingerprint())
        {
            throw new InvalidOperationException(
                $"{folder.Root} holds a miniature of another recipe. Delete the folder to build anew, or choose another one.");
        }
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private Tokenizer BuildTokenizer(StageReport report, CancellationToken cancellation)
    {
        if (File.Exists(Path.Combine(folder.Base, "tokenizer.json")))
            return Tokenizer.Load(folder.Base);
        report.Begin("tokenizer", 1);
        var random = new Random(recipe.Seed);
        var texts = Enumerable.Range(0, recipe.TokenizerSamples).Select(_ =>
        {
            var sample = corpus.BaseSample(random);
            return sample.Prompt + "\n" + sample.Answer;
        });
        var tokenizer = BpeTrainer.Train(
            texts,
            new BpeTrainerOptions
            {
                VocabularySize = recipe.VocabularySize,
                SpecialTokens = MiniatureFormat.SpecialTokens,
                BosToken = MiniatureFormat.BeginOfText,
                EosToken = MiniatureFormat.EndOfText,
                ChatTemplate = MiniatureFormat.Template,
            },
            cancellationToken: cancellation);
        Directory.CreateDirectory(folder.Base);
        tokenizer.Save(folder.Base);
        return Tokenizer.Load(folder.Base);
    }

    private void BuildBase(Tokenizer tokenizer, StageReport report, CancellationToken cancellation)
    {
        if (File.Exists(Path.Combine(folder.Base, "model.safetensors")))
            return;
        report.Begin("base", recipe.BaseSteps);
        var config = MiniatureFormat.Config(recipe, tokenizer.VocabularySize);
        var data = Data(tokenizer);
        var checkpoint = Checkpoint("base");
        using var model = TrainableTransformer.Random(backend, config, recipe.Seed);
        SupervisedTraining.Run(
            model,
            step => data.Base(step, recipe.BaseBatch),
            Options(recipe.BaseSteps, recipe.BaseLearningRate, warmup: 0.05, decay: 0.05f),
            checkpoint,
            report,
            cancellation: cancellation);

        var tensors = model.Parameters.ToDictionary(p => p.Key, p => p.Value.ToArray());
        using var weights = ModelWeights.Create(config, tensors, MiniatureFormat.Generation(tokenizer));
        weights.Save(folder.Base, SafetensorsType.F16);
        checkpoint.Delete();
    }

    private void BuildExpert(Tokenizer tokenizer, Preference preference, StageReport report, CancellationToken cancellation)
    {
        if (folder.HasExpert(preference.Id))
            return;
        report.Begin(preference.Id, recipe.ExpertSteps);
        using var weights = ModelWeights.Load(folder.Base, cancellation);
        using var model = TrainableTransformer.Frozen(backend, weights);
        using var adapter = new LoraAdapter(backend, weights.Config, new LoraOptions
        {
            Rank = recipe.Rank,
            Alpha = recipe.Alpha,
            Targets = recipe.Targets,
            InitSeed = recipe.AdapterSeed,
        });
        model.Adapter = adapter;
        var data = Data(tokenizer);
        var checkpoint = Checkpoint(preference.Id);
        SupervisedTraining.Run(
            model,
            step => data.Expert(preference, step, recipe.ExpertBatch),
            Options(recipe.ExpertSteps, recipe.ExpertLearningRate, warmup: 0.1, decay: 0),
            checkpoint,
            report,
            cancellation: cancellation);

        var provenance = new ExpertProvenance(
            weights.BaseHash, recipe.AdapterSeed, preference.Id, Method: "sft", Details: new Dictionary<string, string>
            {
                ["recipe"] = recipe.Fingerprint(),
                ["steps"] = recipe.ExpertSteps.ToString(System.Globalization.CultureInfo.InvariantCulture),
            });
        AdapterFolder.Save(
            ExpertContent.Create($"{preference.Id}-{preference.Pole}", adapter.ToFactors(), provenance),
            folder.Expert(preference.Id),
            SafetensorsType.F16);
        checkpoint.Delete();
    }

    private ConversationData Data(Tokenizer tokenizer) =>
        new(corpus, tokenizer, MiniatureFormat.Template, recipe.ContextLength, recipe.Seed);

    private TrainingCheckpoint Checkpoint(string stage) =>
        new(Path.Combine(folder.Work, stage + ".safetensors"), $"{recipe.Fingerprint()}/{stage}");

    private static SupervisedOptions Options(int steps, double rate, double warmup, float decay) => new()
    {
        Steps = steps,
        Schedule = new LearningRateSchedule(
            ScheduleKind.Cosine, rate, steps, warmupSteps: (int)(warmup * steps), finalFraction: 0.05),
        Optimiser = new AdamWOptions { Beta2 = 0.95f, WeightDecay = decay },
    };

    /// <summary>Places a stage's progress in the whole build.</summary>
    private sealed class StageReport(MiniatureRecipe recipe, IProgress<BuildProgress>? progress) : IProgress<SupervisedProgress>
    {
        // Conversations of one step times steps: all have the same mean length, so they measure the work. A step of an
        // expert costs about as much as one of the base, whose gradient of the weights it saves and low rank products add.
        private readonly double baseWork = (double)recipe.BaseSteps * recipe.BaseBatch;
        private readonly double expertWork = (double)recipe.ExpertSteps * recipe.ExpertBatch;
        private string stage = "";

        private double AllWork => baseWork + Preferences.All.Length * expertWork;

        public void Begin(string name, int steps)
        {
            stage = name;
            progress?.Report(new BuildProgress(stage, 0, steps, double.NaN, 0, Before(), AllWork));
        }

        public void Report(SupervisedProgress value)
        {
            var work = (stage == "base" ? baseWork : expertWork) * value.Step / value.Steps;
            progress?.Report(new BuildProgress(
                stage, value.Step, value.Steps, value.Loss, value.TokensPerSecond, Before() + work, AllWork));
        }

        private double Before()
        {
            var index = Preferences.All.ToList().FindIndex(p => p.Id == stage);
            return index < 0 ? 0 : baseWork + index * expertWork;
        }
    }
}
