using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;

namespace SoupsActors.Learning.Benchmarks;

/// <summary>
/// Floating point operations that the mathematics of a step asks for, a multiplication and an addition as two: matrix
/// products and causal attention, nothing computed twice and nothing element by element.
/// </summary>
/// <param name="config">The base.</param>
/// <param name="rank">Rank of the adapter on every linear layer; 0 for none.</param>
internal sealed class TransformerOperations(TransformerConfig config, int rank)
{
    /// <summary>A forward pass.</summary>
    /// <param name="lengths">Tokens of each sequence.</param>
    /// <param name="logitRows">Rows for which logits are computed.</param>
    public double Forward(IReadOnlyList<int> lengths, int logitRows) =>
        2 * Tokens(lengths) * (Linear + LowRank) + Logits(logitRows) + Attention(lengths);

    /// <summary>A backward pass to all parameters of a base without an adapter.</summary>
    public double BackwardToAll(IReadOnlyList<int> lengths, int logitRows) =>
        2 * (2 * Tokens(lengths) * Linear + Logits(logitRows) + Attention(lengths));

    /// <summary>A backward pass to an adapter alone; nobody needs the gradient of the embeddings.</summary>
    public double BackwardToAdapter(IReadOnlyList<int> lengths, int logitRows)
    {
        var first = Sum(
            (outputs, inputs) => (double)outputs * inputs + (double)rank * inputs,
            TargetModule.QProj, TargetModule.KProj, TargetModule.VProj);
        return 2 * Tokens(lengths) * (Linear + 2 * LowRank - first) + Logits(logitRows) + 2 * Attention(lengths);
    }

    private double Linear =>
        config.LayerCount * Sum((outputs, inputs) => (double)outputs * inputs, Enum.GetValues<TargetModule>());

    private double LowRank =>
        config.LayerCount * Sum((outputs, inputs) => (double)rank * (outputs + inputs), Enum.GetValues<TargetModule>());

    private static double Tokens(IReadOnlyList<int> lengths) => lengths.Sum(l => (double)l);

    private double Logits(int rows) => 2.0 * rows * config.VocabularySize * config.HiddenSize;

    /// <summary>Scores and mixed values of every pair of a token and one it sees.</summary>
    private double Attention(IReadOnlyList<int> lengths) =>
        4.0 * config.LayerCount * config.HeadCount * config.HeadSize * lengths.Sum(l => l * (l + 1.0) / 2);

    private double Sum(Func<int, int, double> term, params IEnumerable<TargetModule> modules) => modules.Sum(module =>
    {
        var (outputs, inputs) = config.Shape(module);
        return term(outputs, inputs);
    });
}
