using SoupsActors.Tensors;

namespace SoupsActors.Learning.Supervised;

/// <summary>Settings of <see cref="SupervisedTraining"/>.</summary>
public sealed record SupervisedOptions
{
    /// <summary>Steps in all, at least 1.</summary>
    public required int Steps { get; init; }

    /// <summary>Learning rate per step.</summary>
    public required LearningRateSchedule Schedule { get; init; }

    /// <summary>Settings of the optimiser.</summary>
    public AdamWOptions Optimiser { get; init; } = new() { Beta2 = 0.95f };

    /// <summary>Seed of the adapter's dropout; see <see cref="Models.Training.LoraOptions.Dropout"/>.</summary>
    public ulong DropoutSeed { get; init; }

    /// <summary>Steps between two checkpoints, at least 1.</summary>
    public int CheckpointEvery { get; init; } = 100;

    /// <summary>Steps between two progress reports, at least 1.</summary>
    public int ReportEvery { get; init; } = 10;
}

/// <summary>How far a training has come.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">Mean loss per learned token since the last report, in nats.</param>
/// <param name="GradientNorm">Global norm of the last gradient before clipping.</param>
/// <param name="LearningRate">The rate of the last step.</param>
/// <param name="TokensPerSecond">Tokens processed per second since the last report.</param>
public sealed record SupervisedProgress(
    int Step, int Steps, double Loss, double GradientNorm, double LearningRate, double TokensPerSecond);
