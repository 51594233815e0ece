using System.Globalization;
using SoupsActors.Learning.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Rewards;

/// <summary>
/// MORE's weights of a step (arXiv 2312.07401, section 3): each data set's gradient of the head alone, on features that
/// are held constant; momentum; normalisation; and the weights λ for which the combined gradient is smallest, which damps
/// what the data sets disagree on.
/// </summary>
internal sealed class MoreWeights
{
    private readonly MoreOptions options;
    private readonly IRewardNetwork network;
    private readonly double[]?[] momentum;

    public MoreWeights(MoreOptions options, IRewardNetwork network)
    {
        this.options = options;
        this.network = network;
        momentum = new double[options.Sources][];
    }

    /// <summary>λ of every data set in the last step; 0 for one that had no pairs in it.</summary>
    public double[] Lambda { get; private set; } = [];

    /// <summary>
    /// What each pair's loss counts: K·λ_i / n for a pair of data set i among n pairs of K data sets, so that equal
    /// gradients and equal shares give the mean of Bradley and Terry's loss.
    /// </summary>
    /// <param name="features">Features of the chosen and rejected answers, 2n × d, detached.</param>
    /// <param name="batch">The pairs.</param>
    /// <param name="loss">Settings of the loss.</param>
    public float[] PairWeights(Tensor features, PairBatch batch, RewardTrainingOptions loss)
    {
        // Without resampling a batch may lack a data set; only those that are there take part.
        var present = batch.Pairs.Select(p => p.Source).Distinct().Order().ToArray();
        if (present[0] < 0 || present[^1] >= options.Sources)
        {
            throw new ArgumentException(
                $"A pair is of source {(present[0] < 0 ? present[0] : present[^1])}, but MORE knows {options.Sources} sources.",
                nameof(batch));
        }

        var gradients = HeadGradients(features.ToArray(), batch, loss, present);
        var solved = MinimumNorm.Solve(gradients);
        Lambda = new double[options.Sources];
        for (var i = 0; i < present.Length; i++)
            Lambda[present[i]] = solved[i];
        return [.. batch.Pairs.Select(p => (float)(present.Length * Lambda[p.Source] / batch.Count))];
    }

    public void Save(CheckpointWriter state)
    {
        for (var k = 0; k < momentum.Length; k++)
        {
            // Doubles as pairs of floats would lose bits; as text of their bits they come back the same.
            if (momentum[k] is { } values)
                state.Add(Key(k), string.Join(' ', values.Select(BitConverter.DoubleToInt64Bits)));
            else
                state.Add(Key(k), "");
        }
    }

    public void Load(CheckpointReader state)
    {
        for (var k = 0; k < momentum.Length; k++)
        {
            var text = state.Text(Key(k));
            momentum[k] = text.Length == 0
                ? null
                : [.. text.Split(' ').Select(b => BitConverter.Int64BitsToDouble(long.Parse(b, CultureInfo.InvariantCulture)))];
        }
    }

    private static string Key(int source) => $"more.momentum.{source}";

    /// <summary>
    /// ∇_head of each data set's mean loss: the mean of (∂loss/∂Δr)·(z_chosen − z_rejected) over its pairs, with
    /// ∂loss/∂Δr = σ(Δr − m) − q.
    /// </summary>
    private List<double[]> HeadGradients(float[] features, PairBatch batch, RewardTrainingOptions loss, int[] present)
    {
        var head = network.Head.ToArray();
        var d = head.Length;
        var sums = present.ToDictionary(k => k, _ => (Gradient: new double[d], Loss: 0.0, Count: 0));
        for (var i = 0; i < batch.Count; i++)
        {
            var pair = batch.Pairs[i];
            var chosen = features.AsSpan(i * d, d);
            var rejected = features.AsSpan((batch.Count + i) * d, d);
            double gap = -pair.ScaledMargin(loss.MarginScale);
            for (var j = 0; j < d; j++)
                gap += head[j] * (double)(chosen[j] - rejected[j]);
            var q = (1 - loss.LabelSmoothing) * pair.ChosenProbability + loss.LabelSmoothing * (1 - pair.ChosenProbability);
            var slope = 1 / (1 + Math.Exp(-gap)) - q;
            var (gradient, sum, count) = sums[pair.Source];
            for (var j = 0; j < d; j++)
                gradient[j] += slope * (chosen[j] - rejected[j]);
            sums[pair.Source] = (gradient, sum + q * Softplus(-gap) + (1 - q) * Softplus(gap), count + 1);
        }

        return [.. present.Select(k =>
        {
            var (gradient, sum, count) = sums[k];
            for (var j = 0; j < d; j++)
                gradient[j] /= count;
            return Normalise(Remember(k, gradient), sum / count);
        })];
    }

    private double[] Remember(int source, double[] gradient)
    {
        var old = momentum[source];
        var alpha = options.Momentum;
        return momentum[source] = old is null ? gradient : [.. old.Zip(gradient, (m, g) => (1 - alpha) * m + alpha * g)];
    }

    private double[] Normalise(double[] gradient, double loss)
    {
        var norm = Math.Sqrt(gradient.Sum(g => g * g));
        var divisor = options.Normalisation switch
        {
            GradientNormalisation.L2 => norm,
            GradientNormalisation.Loss => loss,
            GradientNormalisation.LossPlus => loss * norm,
            _ => 1,
        };
        return divisor > 0 ? [.. gradient.Select(g => g / divisor)] : gradient;
    }

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
