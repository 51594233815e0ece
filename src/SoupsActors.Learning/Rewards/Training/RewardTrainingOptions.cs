using SoupsActors.Tensors;

namespace SoupsActors.Learning.Rewards;

/// <summary>Settings of <see cref="RewardTraining"/>.</summary>
public sealed record RewardTrainingOptions
{
    /// <summary>Steps in all, at least 1; <see cref="StepsFor"/> turns epochs into steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Learning rate per step.</summary>
    public required LearningRateSchedule Schedule { get; init; }

    /// <summary>Pairs of a step, at least 1; used where a list of pairs is given.</summary>
    public int BatchPairs { get; init; } = 16;

    /// <summary>
    /// Pairs of one forward and backward pass, whose gradients are added up to the step's; smaller ones need less memory
    /// and give way to others sooner. 0 is the whole step. MORE needs whole steps.
    /// </summary>
    public int MicroBatchPairs { get; init; }

    /// <summary>Settings of the optimiser; the weight decay is that of Personalized Soups.</summary>
    public AdamWOptions Optimiser { get; init; } = new() { WeightDecay = 0.001f };

    /// <summary>Probability that any label is wrong, 0 to below 0.5 (Secrets of RLHF II, section 3.2).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Factor on the pairs' margins: 1 as they are, 0 ignores them.</summary>
    public double MarginScale { get; init; } = 1;

    /// <summary>c of c·mean((r_chosen + r_rejected)²), which keeps rewards centred; TRL's centre_rewards_coefficient.</summary>
    public double ScoreL2 { get; init; }

    /// <summary>Fixes the order of the pairs and the draws of dropout.</summary>
    public int Seed { get; init; }

    /// <summary>Indices of pairs whose labels are swapped; used where a list of pairs is given.</summary>
    public IReadOnlyCollection<int> Flipped { get; init; } = [];

    /// <summary>Weighs several data sets against each other, null for plain mixing.</summary>
    public MoreOptions? More { get; init; }

    /// <summary>Steps between two checkpoints, at least 1.</summary>
    public int CheckpointEvery { get; init; } = 50;

    /// <summary>Steps between two reports, at least 1.</summary>
    public int ReportEvery { get; init; } = 1;

    /// <summary>Most training answers that the normalisation is taken from, at least 2.</summary>
    public int NormalisationAnswers { get; init; } = 2000;

    /// <summary>The settings of a member of an ensemble: the same in another order.</summary>
    /// <param name="member">From 0, which is these settings themselves.</param>
    public RewardTrainingOptions ForMember(int member) => this with { Seed = unchecked(Seed + 104_729 * member) };

    /// <summary>Steps that see every pair so many times.</summary>
    public static int StepsFor(int pairs, int batchPairs, double epochs = 1) =>
        Math.Max(1, (int)Math.Ceiling(pairs * epochs / batchPairs));

    internal void Validate()
    {
        Require(Steps >= 1, nameof(Steps), "at least 1");
        Require(BatchPairs >= 1, nameof(BatchPairs), "at least 1");
        Require(MicroBatchPairs >= 0, nameof(MicroBatchPairs), "0 (the whole step) or more");
        Require(LabelSmoothing is >= 0 and < 0.5, nameof(LabelSmoothing), "in [0, 0.5)");
        Require(double.IsFinite(MarginScale), nameof(MarginScale), "a finite number");
        Require(ScoreL2 is >= 0 and < double.PositiveInfinity, nameof(ScoreL2), "zero or positive");
        Require(CheckpointEvery >= 1, nameof(CheckpointEvery), "at least 1");
        Require(ReportEvery >= 1, nameof(ReportEvery), "at least 1");
        Require(NormalisationAnswers >= 2, nameof(NormalisationAnswers), "at least 2");
        Require(
            More is null || MicroBatchPairs == 0,
            nameof(MicroBatchPairs),
            "0 with MORE, which needs the head gradients of a whole step");
        More?.Validate();

        static void Require(bool holds, string name, string rule)
        {
            if (!holds)
                throw new ArgumentException($"{nameof(RewardTrainingOptions)}.{name} must be {rule}.");
        }
    }
}
