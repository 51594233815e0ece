using SoupsActors.Tensors;

namespace SoupsActors.Learning.Rewards;

/// <summary>Settings of <see cref="SegmentRewardTraining"/>.</summary>
public sealed record SegmentRewardOptions
{
    /// <summary>Steps in all, at least 1.</summary>
    public required int Steps { get; init; }

    /// <summary>Learning rate per step.</summary>
    public required LearningRateSchedule Schedule { get; init; }

    /// <summary>Parts of a step, at least 1.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Settings of the optimiser.</summary>
    public AdamWOptions Optimiser { get; init; } = new() { WeightDecay = 0.001f };

    /// <summary>Fixes the order of the parts and the draws of dropout.</summary>
    public int Seed { get; init; }

    /// <summary>Steps between two checkpoints, at least 1.</summary>
    public int CheckpointEvery { get; init; } = 50;

    internal void Validate()
    {
        Require(Steps >= 1, nameof(Steps));
        Require(Batch >= 1, nameof(Batch));
        Require(CheckpointEvery >= 1, nameof(CheckpointEvery));

        static void Require(bool holds, string name)
        {
            if (!holds)
                throw new ArgumentException($"{nameof(SegmentRewardOptions)}.{name} must be at least 1.");
        }
    }
}
