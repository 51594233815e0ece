using SoupsActors.Tensors;

namespace SoupsActors.Learning.Direct;

/// <summary>Settings of <see cref="DpoTraining"/>. Defaults suit models of a few million parameters.</summary>
public sealed record DpoOptions
{
    /// <summary>Steps in all, at least 1.</summary>
    public required int Steps { get; init; }

    /// <summary>
    /// Learning rate per step. The reference code (Rafailov et al. 2023) takes 5e-7 after 150 steps of warm-up.
    /// </summary>
    public required LearningRateSchedule Schedule { get; init; }

    /// <summary>The loss of a pair.</summary>
    public PairwiseLoss Loss { get; init; } = new();

    /// <summary>Pairs of a step, at least 1; used where a list of pairs is given.</summary>
    public int BatchPairs { get; init; } = 16;

    /// <summary>
    /// Pairs of one forward and backward pass, whose gradients are added up to the step's; smaller ones need less
    /// memory and give way to others sooner. 0 is the whole step.
    /// </summary>
    public int MicroBatchPairs { get; init; }

    /// <summary>Settings of the optimiser.</summary>
    public AdamWOptions Optimiser { get; init; } = new();

    /// <summary>Fixes the order of the pairs; used where a list of pairs is given.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// The run has diverged once the chosen answers of a step have lost more than this against the reference, in nats
    /// per token; null is off. Direct methods may lower both answers' likelihood as long as the gap grows.
    /// </summary>
    public double? MaxChosenDropPerToken { get; init; } = 3;

    /// <summary>Steps between two checkpoints, at least 1.</summary>
    public int CheckpointEvery { get; init; } = 50;

    /// <summary>Steps between two reports, at least 1.</summary>
    public int ReportEvery { get; init; } = 1;

    internal void Validate()
    {
        Require(Steps >= 1, nameof(Steps), "at least 1");
        Require(BatchPairs >= 1, nameof(BatchPairs), "at least 1");
        Require(MicroBatchPairs >= 0, nameof(MicroBatchPairs), "0 (the whole step) or more");
        Require(MaxChosenDropPerToken is null or > 0, nameof(MaxChosenDropPerToken), "positive, or null for off");
        Require(CheckpointEvery >= 1, nameof(CheckpointEvery), "at least 1");
        Require(ReportEvery >= 1, nameof(ReportEvery), "at least 1");
        Loss.Validate();

        static void Require(bool holds, string name, string rule)
        {
            if (!holds)
                throw new ArgumentException($"{nameof(DpoOptions)}.{name} must be {rule}.");
        }
    }
}
