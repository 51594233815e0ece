namespace SoupsActors.Dashboard.Data.Experiments;

/// <summary>Something a run was to find out, answered.</summary>
/// <param name="Claim">The statement, with its bound.</param>
/// <param name="Holds">Whether the run bears it out.</param>
/// <param name="Found">What was found.</param>
public sealed record ExperimentClaim(string Claim, bool Holds, string Found);

/// <summary>A step of a training.</summary>
/// <param name="Step">The step.</param>
/// <param name="Reward">Mean reward.</param>
/// <param name="KlPerToken">Divergence from the base.</param>
public sealed record CurvePoint(int Step, double Reward, double KlPerToken);

/// <summary>A model's weights and mean rewards.</summary>
/// <param name="Weights">λ of a merged model, μ of one trained for a mixture.</param>
/// <param name="Means">Mean of each reward.</param>
public sealed record FrontPoint(double[] Weights, double[] Means);

/// <summary>Merged models, models trained for mixtures, and the hypervolumes of both.</summary>
/// <param name="Soups">Merged models along λ.</param>
/// <param name="TrainedForMixtures">One training for each mixture (MORL).</param>
/// <param name="SoupVolume">Hypervolume of the soups.</param>
/// <param name="RivalVolume">Hypervolume of the others.</param>
/// <param name="UnionVolume">Of both together.</param>
public sealed record FrontResult(
    FrontPoint[] Soups, FrontPoint[] TrainedForMixtures, double SoupVolume, double RivalVolume, double UnionVolume)
{
    /// <summary>The expert that λ gives everything to.</summary>
    public FrontPoint? End(int expert) =>
        Soups.FirstOrDefault(p => expert < p.Weights.Length && Math.Abs(p.Weights[expert] - 1) < 1e-9);

    /// <summary>Whether there are two experts and two rewards at least, and both ends of the sweep.</summary>
    public bool CanBeDrawn =>
        Soups.Length > 1 && Soups.Concat(TrainedForMixtures).All(p => p is { Weights.Length: >= 2, Means.Length: >= 2 })
        && End(0) is not null && End(1) is not null;
}

/// <summary>Margins of merged models over the chord between the experts.</summary>
/// <param name="Merge">How the experts were merged.</param>
/// <param name="Initialisation">Whether they began alike.</param>
/// <param name="PointsHolding">Points at which no margin is clearly negative.</param>
/// <param name="Points">All interior points.</param>
/// <param name="MinMargin">The least margin.</param>
/// <param name="MeanMargin">The mean margin.</param>
/// <param name="Margins">All of them.</param>
public sealed record ConnectivityResult(
    string Merge,
    string Initialisation,
    int PointsHolding,
    int Points,
    double MinMargin,
    double MeanMargin,
    MarginResult[] Margins);

/// <summary>What one merged model earns above the chord.</summary>
/// <param name="Weights">λ.</param>
/// <param name="Reward">Index of the reward.</param>
/// <param name="Value">What it earns.</param>
/// <param name="Chord">What the chord has there.</param>
/// <param name="StandardError">Of the margin.</param>
public sealed record MarginResult(double[] Weights, int Reward, double Value, double Chord, double StandardError);

/// <summary>A way to choose λ for a hidden user.</summary>
/// <param name="Name">The way.</param>
/// <param name="MeanSamples">Scored answers it used in the mean.</param>
/// <param name="MeanRegret">What the best point earns more.</param>
/// <param name="RelativeRegret">The same over the gap between best and worst point.</param>
/// <param name="WithinNoise">Share of users served within noise of the best point.</param>
public sealed record SelectionChoice(
    string Name, double MeanSamples, double MeanRegret, double RelativeRegret, double WithinNoise);

/// <summary>A mean with its standard error.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardError">Of the mean.</param>
public sealed record MeanResult(double Mean, double StandardError);

/// <summary>A way to learn one reward from several data sets.</summary>
/// <param name="Scheme">The way.</param>
/// <param name="Accuracy">Share of held-out pairs ordered rightly.</param>
/// <param name="CalibrationError">Expected calibration error, 10 bins.</param>
/// <param name="Gap">Mean distance between the rewards of two answers.</param>
public sealed record SchemeResult(string Scheme, MeanResult Accuracy, MeanResult CalibrationError, MeanResult Gap)
{
    /// <summary>Its reliability diagram; null in reports older than it.</summary>
    public ReliabilityBin[]? Bins { get; init; }
}

/// <summary>One bin of a reliability diagram.</summary>
/// <param name="Count">Predictions in it.</param>
/// <param name="Confidence">Mean predicted probability.</param>
/// <param name="Accuracy">Share of the predictions that came true.</param>
public sealed record ReliabilityBin(int Count, double Confidence, double Accuracy);

/// <summary>The answer that an objective chooses among n.</summary>
/// <param name="Objective">The objective.</param>
/// <param name="N">Answers to choose from.</param>
/// <param name="Gold">Gold score of the chosen one.</param>
/// <param name="GoldError">Its standard error.</param>
/// <param name="Proxy">The objective's own score.</param>
public sealed record BestOfNResult(string Objective, double[] N, double[] Gold, double[] GoldError, double[] Proxy);

/// <summary>A policy trained against an objective.</summary>
/// <param name="Objective">The objective.</param>
/// <param name="KlCoefficient">β.</param>
/// <param name="Steps">What each step measured.</param>
public sealed record PolicyResult(string Objective, double KlCoefficient, PolicyStep[] Steps);

/// <summary>A step of a policy's training.</summary>
/// <param name="Step">The step.</param>
/// <param name="Kl">KL from the base per answer, in nats.</param>
/// <param name="Proxy">Mean reward.</param>
/// <param name="Gold">Mean gold score.</param>
public sealed record PolicyStep(int Step, double Kl, double Proxy, double Gold);

/// <summary>A reward model of an ensemble.</summary>
/// <param name="HeldOutAccuracy">Share of held-out pairs ordered rightly.</param>
/// <param name="HeldOutCalibrationError">Expected calibration error on them.</param>
public sealed record MemberResult(double? HeldOutAccuracy, double? HeldOutCalibrationError);

/// <summary>What a stage took.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="CpuSeconds">Processor time, all threads together.</param>
/// <param name="WallSeconds">Time by the clock.</param>
public sealed record StageCosts(string Stage, double CpuSeconds, double WallSeconds);
