using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Tests.Transformer;

/// <summary>
/// The obvious twin of every fast path: one sequence, no cache, deltas added to dense weights, all in double precision.
/// </summary>
internal sealed class PlainTransformer
{
    private readonly TransformerConfig config;
    private readonly Dictionary<string, double[]> tensors;

    public PlainTransformer(ModelWeights weights, IReadOnlyList<Expert>? experts = null, Mix? mix = null)
    {
        config = weights.Config;
        tensors = weights.Tensors.Keys.ToDictionary(
            name => name, name => Array.ConvertAll(weights.Read(name), v => (double)v));
        var terms = (mix?.Terms.ToArray() ?? [])
            .Select(t => (Expert: experts!.Single(e => e.Hash == t.ExpertHash), t.Weight));
        if (mix?.Mode == MergeMode.Factor)
            AddFactorMix([.. terms]);
        else
            AddProductMix(terms);
    }

    /// <summary>Logits of every position.</summary>
    public double[][] Logits(int[] tokens)
    {
        var x = tokens.Select(t => Row(tensors[ModelTensors.Embedding], t, config.HiddenSize)).ToArray();
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var attended = Attention(layer, [.. x.Select(r => Norm(r, ModelTensors.InputNorm(layer)))]);
            x = [.. x.Zip(attended, Add)];
            x = [.. x.Select(r => Add(r, FeedForward(layer, Norm(r, ModelTensors.PostAttentionNorm(layer)))))];
        }

        var head = config.TieWordEmbeddings ? ModelTensors.Embedding : ModelTensors.Output;
        return [.. x.Select(r => Multiply(tensors[head], Norm(r, ModelTensors.FinalNorm)))];
    }

    private void AddProductMix(IEnumerable<(Expert Expert, float Weight)> terms)
    {
        foreach (var (expert, weight) in terms)
        {
            foreach (var f in expert.Factors)
                AddProduct(f, Array.ConvertAll(f.B, v => (double)v * weight), Array.ConvertAll(f.A, v => (double)v));
        }
    }

    private void AddFactorMix((Expert Expert, float Weight)[] terms)
    {
        for (var i = 0; i < terms[0].Expert.Factors.Count; i++)
        {
            var first = terms[0].Expert.Factors[i];
            var a = new double[first.A.Length];
            var b = new double[first.B.Length];
            foreach (var (expert, weight) in terms)
            {
                for (var j = 0; j < a.Length; j++)
                    a[j] += (double)weight * expert.Factors[i].A[j];
                for (var j = 0; j < b.Length; j++)
                    b[j] += (double)weight * expert.Factors[i].B[j];
            }

            AddProduct(first, b, a);
        }
    }

    private void AddProduct(LoraFactors shape, double[] b, double[] a)
    {
        var w = tensors[ModelTensors.Weight(shape.Layer, shape.Module)];
        for (var o = 0; o < shape.Outputs; o++)
        {
            for (var i = 0; i < shape.Inputs; i++)
            {
                for (var r = 0; r < shape.Rank; r++)
                    w[o * shape.Inputs + i] += shape.Scale * b[o * shape.Rank + r] * a[r * shape.Inputs + i];
            }
        }
    }

    private double[][] Attention(int layer, double[][] x)
    {
        var size = config.HeadSize;
        var q = Heads(TargetModule.QProj, config.QueryKeyNorm ? ModelTensors.QueryNorm(layer) : null, rotated: true);
        var k = Heads(TargetModule.KProj, config.QueryKeyNorm ? ModelTensors.KeyNorm(layer) : null, rotated: true);
        var v = Heads(TargetModule.VProj, null, rotated: false);
        var share = config.HeadCount / config.KeyValueHeadCount;
        var result = new double[x.Length][];
        for (var t = 0; t < x.Length; t++)
        {
            var row = new double[config.HeadCount * size];
            for (var h = 0; h < config.HeadCount; h++)
            {
                var weights = new double[t + 1];
                for (var u = 0; u <= t; u++)
                    weights[u] = Math.Exp(Dot(q[t][h], k[u][h / share]) / Math.Sqrt(size));
                for (var u = 0; u <= t; u++)
                {
                    for (var j = 0; j < size; j++)
                        row[h * size + j] += weights[u] / weights.Sum() * v[u][h / share][j];
                }
            }

            result[t] = Linear(layer, TargetModule.OProj, row);
        }

        return result;

        double[][][] Heads(TargetModule module, string? norm, bool rotated) =>
        [
            .. x.Select((row, position) => Linear(layer, module, row).Chunk(size)
                .Select(head => norm is null ? head : Norm(head, norm))
                .Select(head => rotated ? Rotate(head, position) : head)
                .ToArray()),
        ];
    }

    private double[] Rotate(double[] head, int position)
    {
        var half = head.Length / 2;
        var result = new double[head.Length];
        for (var j = 0; j < half; j++)
        {
            var (sine, cosine) = Math.SinCos(position * Math.Pow(config.Rotary.Theta, -2.0 * j / head.Length));
            result[j] = head[j] * cosine - head[half + j] * sine;
            result[half + j] = head[half + j] * cosine + head[j] * sine;
        }

        return result;
    }

    private double[] FeedForward(int layer, double[] x)
    {
        var gate = Linear(layer, TargetModule.GateProj, x);
        var up = Linear(layer, TargetModule.UpProj, x);
        return Linear(layer, TargetModule.DownProj, [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)]);
    }

    private double[] Linear(int layer, TargetModule module, double[] x)
    {
        var y = Multiply(tensors[ModelTensors.Weight(layer, module)], x);
        return config.HasBias(module) ? Add(y, tensors[ModelTensors.Bias(layer, module)]) : y;
    }

    private double[] Norm(double[] x, string gain)
    {
        var rms = Math.Sqrt(x.Sum(v => v * v) / x.Length + config.RmsNormEpsilon);
        return [.. x.Zip(tensors[gain], (v, g) => v / rms * g)];
    }

    private static double[] Multiply(double[] w, double[] x) =>
        [.. Enumerable.Range(0, w.Length / x.Length).Select(o => Dot(w.AsSpan(o * x.Length, x.Length), x))];

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double[] Row(double[] matrix, int row, int columns) =>
        matrix.AsSpan(row * columns, columns).ToArray();
}
