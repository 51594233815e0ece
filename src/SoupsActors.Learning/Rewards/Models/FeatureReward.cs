using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Rewards;

/// <summary>
/// A linear reward over given features: each answer is one row of a table, and a sequence's last token names the row.
/// Nothing of a language model is in it, so that methods can be tried, and tested, in no time.
/// </summary>
public sealed class FeatureReward : IRewardNetwork, IDisposable
{
    private readonly Parameter table;

    /// <summary>Creates a reward with a small random head.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="features">Rows × <paramref name="size"/>, row-major; constant.</param>
    /// <param name="size">Features of an answer, at least 1.</param>
    /// <param name="seed">Seed of the head.</param>
    /// <param name="headDeviation">Standard deviation of the initial head; 0 starts at zero.</param>
    public FeatureReward(Backend backend, float[] features, int size, int seed, double headDeviation = 0.01)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        if (features.Length == 0 || features.Length % size != 0)
            throw new ArgumentException($"{features.Length} numbers are no rows of {size} features.", nameof(features));
        Backend = backend;
        table = new Parameter(backend, "features", features.Length / size, size, trained: false);
        table.Load(features);
        Head = new Parameter(backend, "score.weight", 1, size);
        Head.Load(SeededHead.Normal(seed, size, headDeviation));
    }

    /// <inheritdoc/>
    public Backend Backend { get; }

    /// <inheritdoc/>
    public Parameter Head { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> TrainedParameters => [Head];

    /// <inheritdoc/>
    public Tensor Features(Tape tape, PackedSequences sequences)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ArgumentNullException.ThrowIfNull(sequences);
        var rows = RewardNetworkScores.LastRows(sequences).Select(row => sequences.Tokens[row]);
        return tape.Use(table).GatherRows([.. rows]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        table.Dispose();
        Head.Dispose();
    }
}
