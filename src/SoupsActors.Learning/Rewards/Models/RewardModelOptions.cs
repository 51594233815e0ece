using SoupsActors.Models.Training;

namespace SoupsActors.Learning.Rewards;

/// <summary>Shape and seeds of a reward model to train.</summary>
public sealed record RewardModelOptions
{
    /// <summary>Its adapter. Personalized Soups trains reward models at r = 8, α = 32.</summary>
    public LoraOptions Lora { get; init; } = new() { Rank = 8, Alpha = 32 };

    /// <summary>Seed of the head; members of an ensemble differ in it.</summary>
    public int HeadSeed { get; init; }

    /// <summary>Id of the preference it stands for, such as P1A, or null for helpfulness at large.</summary>
    public string? Preference { get; init; }

    /// <summary>The options of a member of an ensemble: the same with seeds of its own.</summary>
    /// <param name="member">From 0, which is these options themselves.</param>
    public RewardModelOptions ForMember(int member) => this with
    {
        Lora = Lora with { InitSeed = Lora.InitSeed + member },
        HeadSeed = HeadSeed + member,
    };
}

/// <summary>What is known about a reward model; stored beside its weights.</summary>
public sealed record RewardCard
{
    /// <summary>Id of the preference it stands for, or null.</summary>
    public string? Preference { get; init; }

    /// <summary>Mean raw score of the answers it was trained on.</summary>
    public double Mean { get; init; }

    /// <summary>Standard deviation of the raw scores of the answers it was trained on; positive.</summary>
    public double StandardDeviation { get; init; } = 1;

    /// <summary>Comparisons it was trained on.</summary>
    public int TrainingPairs { get; init; }

    /// <summary>Share of those it orders rightly, 0 to 1; null before training.</summary>
    public double? TrainingAccuracy { get; init; }

    /// <summary>Comparisons it was tested on that it was not trained on.</summary>
    public int HeldOutPairs { get; init; }

    /// <summary>Share of those it orders rightly, 0 to 1; null where there were none.</summary>
    public double? HeldOutAccuracy { get; init; }

    /// <summary>Expected calibration error on those, 10 bins, both orders; null where there were none.</summary>
    public double? HeldOutCalibrationError { get; init; }

    /// <summary>Settings of the training and whatever else shall be remembered.</summary>
    public IReadOnlyDictionary<string, string> Details { get; init; } = new Dictionary<string, string>();

    /// <summary>(raw − mean) / standard deviation: scores of several models on one scale.</summary>
    public double Normalise(double rawScore) => (rawScore - Mean) / StandardDeviation;
}
