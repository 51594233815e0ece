using System.Globalization;
using SoupsActors.Learning.Supervised;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Experiments.Trainings;

/// <summary>The numbers of the multitask baseline.</summary>
public sealed record MultitaskOptions
{
    /// <summary>Steps, at least 1.</summary>
    public required int Steps { get; init; }

    /// <summary>Demonstrations of a step.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Demonstrations in all.</summary>
    public int Demonstrations { get; init; } = 2000;

    /// <summary>Peak learning rate.</summary>
    public double LearningRate { get; init; } = 1e-3;
}

/// <summary>
/// The multitask baseline: one adapter fine-tuned on the corpus' own answers to questions that state a combination of
/// preferences, all combinations mixed, about the training topics alone.
/// </summary>
internal static class MultitaskRun
{
    public const string Stage = "train-multitask";

    public static Task<Expert> TrainAsync(
        ExperimentContext context,
        Expert like,
        IReadOnlyList<IReadOnlyList<Preference>> combinations,
        MultitaskOptions options,
        CancellationToken cancellationToken) => context.ExpertAsync(Stage, checkpoint =>
        {
            var model = context.Model;
            var tuning = new MultitaskFineTuning(
                Demonstrations(context, combinations, options.Demonstrations),
                TrainingPrompts.Words,
                model.Format,
                options.Batch,
                (int)(context.SeedOf(Stage) >> 33));
            var shape = LoraShape.Of(like);
            using var adapter = new LoraAdapter(context.Backend, model.Transformer.Config, shape);
            model.Transformer.Adapter = adapter;
            try
            {
                tuning.Run(
                    model.Transformer,
                    new SupervisedOptions
                    {
                        Steps = options.Steps,
                        Schedule = new LearningRateSchedule(
                            ScheduleKind.Cosine,
                            options.LearningRate,
                            options.Steps,
                            warmupSteps: options.Steps / 10,
                            finalFraction: 0.05),
                        CheckpointEvery = 20,
                        ReportEvery = 5,
                    },
                    new TrainingCheckpoint(checkpoint.Path, $"{context.Fingerprint}/{Stage}/{tuning.Fingerprint()}"),
                    new Watch(context),
                    cancellation: cancellationToken);
                return Task.FromResult(ExpertContent.Create(Stage, adapter.ToFactors(), new ExpertProvenance(
                    model.BaseHash, shape.InitSeed, Method: "sft", Details: new Dictionary<string, string>
                    {
                        ["steps"] = options.Steps.ToString(CultureInfo.InvariantCulture),
                    })));
            }
            finally
            {
                model.Transformer.Adapter = null;
            }
        });

    private static Demonstration[] Demonstrations(
        ExperimentContext context, IReadOnlyList<IReadOnlyList<Preference>> combinations, int count)
    {
        var random = context.RandomOf(Stage + "/demonstrations");
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                var wanted = combinations[i % combinations.Count];
                var sample = CorpusGenerator.Default.Sample(
                    CorpusSplit.Expert, Style.Of(wanted), withPreferenceSentences: false, random);
                return new Demonstration(sample.Prompt, sample.Answer, [.. wanted.Select(p => p.Id)]);
            }),
        ];
    }

    private sealed class Watch(ExperimentContext context) : IProgress<SupervisedProgress>
    {
        public void Report(SupervisedProgress value) => context.Report(
            Stage, value.Step, value.Steps, string.Create(CultureInfo.InvariantCulture, $"loss {value.Loss:F3}"));
    }
}
