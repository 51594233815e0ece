using SoupsActors.Learning.Rollouts;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Supervised;

/// <summary>
/// Supervised training by next-token prediction: a base model from scratch where all parameters are trained, or a LoRA
/// expert on a frozen base (supervised fine-tuning, Ouyang et al. 2022, section 3.5).
/// </summary>
/// <remarks>
/// Examples are a function of the step number alone, so a run that goes on from its checkpoint equals an undisturbed one
/// to the bit.
/// </remarks>
public static class SupervisedTraining
{
    /// <summary>Trains to the last step, from the newest checkpoint where there is one.</summary>
    /// <param name="model">What is trained.</param>
    /// <param name="examples">The examples of a step, numbered from 1.</param>
    /// <param name="options">Settings.</param>
    /// <param name="checkpoint">Where the state is kept, or null for a run that cannot be resumed.</param>
    /// <param name="progress">Told every <see cref="SupervisedOptions.ReportEvery"/> steps and at the end.</param>
    /// <param name="time">Clock for the rates reported.</param>
    /// <param name="cancellation">Stops after the current step; the state is kept.</param>
    /// <exception cref="DivergedException">Loss or gradient is not finite; the last checkpoint is intact.</exception>
    public static void Run(
        ITrainableModel model,
        Func<int, IReadOnlyList<TrainingExample>> examples,
        SupervisedOptions options,
        TrainingCheckpoint? checkpoint = null,
        IProgress<SupervisedProgress>? progress = null,
        TimeProvider? time = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Steps, nameof(options));
        time ??= TimeProvider.System;

        using var optimiser = new AdamW(model.Backend, model.TrainedParameters, options.Optimiser);
        checkpoint?.TryRestore(model, optimiser);

        using var tape = new Tape(model.Backend);
        var window = new Window(time);
        for (var step = optimiser.StepsTaken + 1; step <= options.Steps; step++)
        {
            if (cancellation.IsCancellationRequested)
            {
                checkpoint?.Save(model, optimiser);
                cancellation.ThrowIfCancellationRequested();
            }

            var batch = TrainingBatch.Pack(examples(step));
            if (batch.TargetCount == 0)
                throw new ArgumentException($"The examples of step {step} contain nothing to learn.", nameof(examples));

            tape.DropoutSeed = RolloutSeeds.Of(options.DropoutSeed, step);

            // Mean over the learned tokens, so that long answers weigh as much per token as short ones.
            var loss = model.Logits(tape, batch.Sequences).CrossEntropy(batch.Targets).Sum() * (1f / batch.TargetCount);
            var lossValue = loss.ToScalar();
            if (!float.IsFinite(lossValue))
                throw new DivergedException($"The loss of step {step} is {lossValue}.");
            tape.Backward(loss);
            tape.Reset();

            var learningRate = options.Schedule.At(step);
            var norm = optimiser.Step(learningRate);
            window.Add(lossValue, batch.Sequences.TokenCount);

            if (step % options.ReportEvery == 0 || step == options.Steps)
            {
                progress?.Report(new SupervisedProgress(
                    step, options.Steps, window.MeanLoss, norm, learningRate, window.TokensPerSecond));
                window = new Window(time);
            }

            if (step % options.CheckpointEvery == 0 || step == options.Steps)
                checkpoint?.Save(model, optimiser);
        }
    }

    /// <summary>What has happened since the last report.</summary>
    private sealed class Window(TimeProvider time)
    {
        private readonly long start = time.GetTimestamp();
        private double losses;
        private int steps;
        private long tokens;

        public double MeanLoss => losses / steps;

        public double TokensPerSecond => tokens / Math.Max(1e-9, time.GetElapsedTime(start).TotalSeconds);

        public void Add(double loss, int tokenCount)
        {
            losses += loss;
            steps++;
            tokens += tokenCount;
        }
    }
}
