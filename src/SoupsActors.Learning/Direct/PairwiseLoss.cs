using SoupsActors.Learning.Data;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Direct;

/// <summary>How a pair's log-ratio gap becomes a loss.</summary>
public enum PairwiseLossKind
{
    /// <summary>−log σ(βh): direct preference optimisation (Rafailov et al. 2023, equation 7).</summary>
    Sigmoid,

    /// <summary>(h − 1/(2β))²: identity preference optimisation (Azar et al. 2023, equation 17).</summary>
    Identity,
}

/// <summary>
/// The loss that direct methods share. With h = [log π(y_w) − log π(y_l)] − [log π_ref(y_w) − log π_ref(y_l)], a soft
/// label q (the probability that y_w is the better one) and a margin m in units of the implicit reward, g = βh − m and
/// <list type="bullet">
/// <item>sigmoid: −q·log σ(g) − (1 − q)·log σ(−g),</item>
/// <item>identity: q·(g/β − 1/(2β))² + (1 − q)·(g/β + 1/(2β))².</item>
/// </list>
/// q = 1 and m = 0 are DPO and IPO; q = 1 − ε is conservative DPO (Mitchell 2023); m &gt; 0 is DPO with an offset
/// (Amini et al. 2024).
/// </summary>
public sealed record PairwiseLoss
{
    /// <summary>Which loss.</summary>
    public PairwiseLossKind Kind { get; init; } = PairwiseLossKind.Sigmoid;

    /// <summary>β, positive: how strongly the policy is held to the reference. 0.1 to 0.5.</summary>
    public double Beta { get; init; } = 0.1;

    /// <summary>ε: probability that any label is wrong, 0 to below 0.5.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Factor on the pairs' margins; 0 ignores them.</summary>
    public double MarginScale { get; init; }

    /// <summary>
    /// Log-probabilities are averaged over an answer's tokens instead of added up, as TRL does for IPO.
    /// </summary>
    public bool AverageTokens { get; init; }

    /// <summary>The loss of each pair, n × 1.</summary>
    /// <param name="gap">h of each pair, n × 1.</param>
    /// <param name="pairs">Labels and margins of the n pairs.</param>
    internal Tensor Losses(Tensor gap, IReadOnlyList<TokenPair> pairs)
    {
        var n = pairs.Count;
        var smoothing = (float)LabelSmoothing;
        float[] labels = [.. pairs.Select(p => p.ChosenProbability)
            .Select(p => (1 - smoothing) * p + smoothing * (1 - p))];
        float[] margins = [.. pairs.Select(p => p.ScaledMargin(MarginScale))];
        var q = gap.Tape.Constant(labels, n, 1);
        var g = gap * (float)Beta - gap.Tape.Constant(margins, n, 1);
        if (Kind == PairwiseLossKind.Sigmoid)
            return -(q * g.LogSigmoid() + (1 - q) * (-g).LogSigmoid());
        var target = (float)(1 / (2 * Beta));
        var h = g * (float)(1 / Beta);
        return q * (h - target).Square() + (1 - q) * (h + target).Square();
    }

    internal void Validate()
    {
        Require(Enum.IsDefined(Kind), nameof(Kind), "a known loss", Kind);
        Require(Beta > 0 && double.IsFinite(Beta), nameof(Beta), "positive", Beta);
        Require(LabelSmoothing is >= 0 and < 0.5, nameof(LabelSmoothing), "in [0, 0.5)", LabelSmoothing);
        Require(double.IsFinite(MarginScale), nameof(MarginScale), "finite", MarginScale);

        static void Require(bool holds, string name, string rule, object value)
        {
            if (!holds)
                throw new ArgumentException($"{nameof(PairwiseLoss)}.{name} must be {rule}, but is {value}.");
        }
    }
}
