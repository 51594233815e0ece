namespace SoupsActors.Miniature.Experiments.More;

/// <summary>Numbers of <see cref="MoreExperiment"/>.</summary>
public sealed record MoreSettings
{
    /// <summary>Problems drawn, each with its own shared preference, drifts and comparisons.</summary>
    public int Problems { get; init; } = 20;

    /// <summary>Comparisons of each data set, from the largest.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [2000, 1000, 500, 250, 125];

    /// <summary>Features of an answer.</summary>
    public int Features { get; init; } = 16;

    /// <summary>Length of the shared preference: the standard deviation of its reward is this.</summary>
    public double SharedNorm { get; init; } = 2;

    /// <summary>Length of each data set's own drift from it.</summary>
    public double DriftNorm { get; init; } = 2;

    /// <summary>Comparisons by the shared preference that every scheme is tested on.</summary>
    public int HeldOut { get; init; } = 4000;

    /// <summary>Steps of every training.</summary>
    public int Steps { get; init; } = 600;

    /// <summary>Comparisons of each data set in a step; as many in all for schemes that do not tell them apart.</summary>
    public int BatchPerSource { get; init; } = 16;

    /// <summary>Peak learning rate.</summary>
    public double LearningRate { get; init; } = 0.02;

    /// <summary>Splits of the files in the folder of extra data, where there is one.</summary>
    public int Splits { get; init; } = 20;

    /// <summary>Share of a file's comparisons that is held out.</summary>
    public double HeldOutShare { get; init; } = 0.25;

    /// <summary>Hashed features of a text.</summary>
    public int TextFeatures { get; init; } = 64;

    /// <summary>Steps of a training on the files.</summary>
    public int TextSteps { get; init; } = 200;

    /// <summary>The short form.</summary>
    public static MoreSettings Quick { get; } = new() { Problems = 5, Splits = 5 };
}
