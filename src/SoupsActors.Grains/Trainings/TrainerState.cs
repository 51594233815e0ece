using SoupsActors.Grains.State;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings;

/// <summary>A trainer as it is stored.</summary>
[GenerateSerializer, Immutable]
internal sealed record TrainerState
{
    /// <summary>Trainings before the newest that are kept.</summary>
    public const int KeptTrainings = 16;

    /// <summary>The newest training.</summary>
    [Id(0)]
    public TrainingStatus? Current { get; init; }

    /// <summary>Those before, newest first.</summary>
    [Id(1)]
    public TrainingStatus[] Earlier { get; init; } = [];

    /// <summary>Numbers given out so far.</summary>
    [Id(2)]
    public int LastNumber { get; init; }

    /// <summary>Position of the newest feedback that a training was started on.</summary>
    [Id(3)]
    public long Through { get; init; }

    [Id(4)]
    public AppliedOperation[] Operations { get; init; } = [];
}
