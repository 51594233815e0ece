using SoupsActors.Trainings;

namespace SoupsActors.Dashboard.Data;

/// <summary>What only the host knows and no grain tells; the host registers its own.</summary>
public sealed record HostFacts
{
    /// <summary>What a training does where nobody says otherwise.</summary>
    public TrainingRequest TrainingDefaults { get; init; } = new();

    /// <summary>Questions that the model can answer and trainings may practise on; may be none.</summary>
    public IReadOnlyList<string> PracticePrompts { get; init; } = [];

    /// <summary>Questions that no training practises on; may be none.</summary>
    public IReadOnlyList<string> HeldOutPrompts { get; init; } = [];

    /// <summary>Where reports of experiments are looked for; null for nowhere.</summary>
    public string? ExperimentsDirectory { get; init; }

    /// <summary>The folder of the packaged model with what was measured on it; null where another model is served.</summary>
    public string? MiniatureDirectory { get; init; }
}
