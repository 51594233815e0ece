using SoupsActors.Tensors;

namespace SoupsActors.Testing;

public sealed partial class ReferenceBackend
{
    public override void RmsNorm(Block x, Block gain, float epsilon, Block y, Block inverseRms)
    {
        Arguments.Shape(gain, 1, x.Columns);
        Arguments.Same(y, x);
        Arguments.Shape(inverseRms, x.Rows, 1);
        var (from, scale, to, inverse) = (View(x), View(gain), View(y), View(inverseRms));
        for (var i = 0; i < x.Rows; i++)
        {
            var squares = 0.0;
            for (var j = 0; j < x.Columns; j++)
                squares += (double)from[i, j] * from[i, j];
            var factor = 1 / Math.Sqrt(squares / x.Columns + epsilon);
            inverse[i, 0] = (float)factor;
            for (var j = 0; j < x.Columns; j++)
                to[i, j] = (float)(from[i, j] * factor * scale[0, j]);
        }
    }

    public override void RmsNormBackwardAccumulate(
        Block x, Block gain, Block inverseRms, Block dy, Block dx, Block? dgain)
    {
        Arguments.Shape(gain, 1, x.Columns);
        Arguments.Shape(inverseRms, x.Rows, 1);
        Arguments.Same(dy, x);
        Arguments.Same(dx, x);
        var (from, scale, inverse) = (View(x), View(gain), View(inverseRms));
        var (above, to) = (View(dy), View(dx));
        var gainSums = new double[x.Columns];
        for (var i = 0; i < x.Rows; i++)
        {
            var factor = (double)inverse[i, 0];
            var dot = 0.0;
            for (var j = 0; j < x.Columns; j++)
            {
                dot += (double)above[i, j] * scale[0, j] * from[i, j];
                gainSums[j] += above[i, j] * (from[i, j] * factor);
            }

            for (var j = 0; j < x.Columns; j++)
            {
                var slope = factor * (above[i, j] * scale[0, j] - from[i, j] * factor * factor * dot / x.Columns);
                to[i, j] = (float)(to[i, j] + slope);
            }
        }

        if (dgain is not { } trained)
            return;
        Arguments.Same(trained, gain, nameof(dgain));
        var toGain = View(trained);
        for (var j = 0; j < x.Columns; j++)
            toGain[0, j] = (float)(toGain[0, j] + gainSums[j]);
    }

    public override void Rotate(Block x, int heads, ReadOnlySpan<int> positions, Block table, bool inverse = false)
    {
        var (size, half) = (table.Columns, table.Columns / 2);
        Arguments.Shape(x, x.Rows, heads * size);
        Arguments.Length(positions.Length, x.Rows);
        Arguments.Indices(positions, table.Rows);
        var (at, angles) = (View(x), View(table));
        for (var i = 0; i < x.Rows; i++)
        {
            for (var h = 0; h < heads; h++)
            {
                for (var j = 0; j < half; j++)
                {
                    ref var first = ref at[i, h * size + j];
                    ref var second = ref at[i, h * size + half + j];
                    var cosine = (double)angles[positions[i], j];
                    var sine = (double)angles[positions[i], half + j] * (inverse ? -1 : 1);
                    var turned = first * cosine - second * sine;
                    (first, second) = ((float)turned, (float)(second * cosine + first * sine));
                }
            }
        }
    }

    public override void SiluGate(Block gate, Block up, Block y)
    {
        Arguments.Same(up, gate);
        Arguments.Same(y, gate);
        var (g, u, to) = (View(gate), View(up), View(y));
        for (var i = 0; i < y.Rows; i++)
        {
            for (var j = 0; j < y.Columns; j++)
                to[i, j] = (float)(g[i, j] * Sigmoid(g[i, j]) * u[i, j]);
        }
    }

    public override void SiluGateBackward(
        Block gate, Block up, Block dy, Block dgate, Block dup, bool accumulate = false)
    {
        Arguments.Same(up, gate);
        Arguments.Same(dy, gate);
        Arguments.Same(dgate, gate);
        Arguments.Same(dup, gate);
        var (g, u, above, toGate, toUp) = (View(gate), View(up), View(dy), View(dgate), View(dup));
        for (var i = 0; i < gate.Rows; i++)
        {
            for (var j = 0; j < gate.Columns; j++)
            {
                var sigmoid = Sigmoid(g[i, j]);
                var slope = sigmoid * (1 + g[i, j] * (1 - sigmoid));
                var (ofGate, ofUp) = (above[i, j] * u[i, j] * slope, above[i, j] * (g[i, j] * sigmoid));
                toGate[i, j] = (float)(accumulate ? toGate[i, j] + ofGate : ofGate);
                toUp[i, j] = (float)(accumulate ? toUp[i, j] + ofUp : ofUp);
            }
        }
    }

    public override void Softmax(Block x, Block y, bool log = false)
    {
        Arguments.Same(y, x);
        var (from, to) = (View(x), View(y));
        for (var i = 0; i < x.Rows; i++)
        {
            var total = LogSumExp(from, i, x.Columns);
            for (var j = 0; j < x.Columns; j++)
                to[i, j] = (float)(log ? from[i, j] - total : Math.Exp(from[i, j] - total));
        }
    }

    public override void SoftmaxBackwardAccumulate(Block y, Block dy, Block dx, bool log = false)
    {
        Arguments.Same(dy, y);
        Arguments.Same(dx, y);
        var (result, above, to) = (View(y), View(dy), View(dx));
        for (var i = 0; i < y.Rows; i++)
        {
            var sum = 0.0;
            for (var j = 0; j < y.Columns; j++)
                sum += log ? above[i, j] : (double)above[i, j] * result[i, j];
            for (var j = 0; j < y.Columns; j++)
            {
                var slope = log ? above[i, j] - Math.Exp(result[i, j]) * sum : result[i, j] * (above[i, j] - sum);
                to[i, j] = (float)(to[i, j] + slope);
            }
        }
    }

    public override void CrossEntropy(Block logits, ReadOnlySpan<int> targets, Block losses, Block logSumExp)
    {
        Arguments.Length(targets.Length, logits.Rows);
        Arguments.Indices(targets, logits.Columns, int.MinValue);
        Arguments.Shape(losses, logits.Rows, 1);
        Arguments.Shape(logSumExp, logits.Rows, 1);
        var (from, loss, totals) = (View(logits), View(losses), View(logSumExp));
        for (var i = 0; i < logits.Rows; i++)
        {
            var total = targets[i] < 0 ? 0 : LogSumExp(from, i, logits.Columns);
            totals[i, 0] = (float)total;
            loss[i, 0] = targets[i] < 0 ? 0 : (float)(total - from[i, targets[i]]);
        }
    }

    public override void CrossEntropyBackwardAccumulate(
        Block logits, ReadOnlySpan<int> targets, Block logSumExp, Block dlosses, Block dlogits)
    {
        Arguments.Length(targets.Length, logits.Rows);
        Arguments.Indices(targets, logits.Columns, int.MinValue);
        Arguments.Shape(logSumExp, logits.Rows, 1);
        Arguments.Shape(dlosses, logits.Rows, 1);
        Arguments.Same(dlogits, logits);
        var (from, totals, above, to) = (View(logits), View(logSumExp), View(dlosses), View(dlogits));
        for (var i = 0; i < logits.Rows; i++)
        {
            for (var j = 0; j < logits.Columns && targets[i] >= 0; j++)
            {
                var slope = Math.Exp((double)from[i, j] - totals[i, 0]) - (j == targets[i] ? 1 : 0);
                to[i, j] = (float)(to[i, j] + above[i, 0] * slope);
            }
        }
    }
}
