using SoupsActors.Tensors;

namespace SoupsActors.Testing;

public sealed partial class ReferenceBackend
{
    public override void MatMul(Block a, bool transposeA, Block b, bool transposeB, Block c, bool accumulate = false)
    {
        var (m, k) = transposeA ? (a.Columns, a.Rows) : (a.Rows, a.Columns);
        var n = transposeB ? b.Rows : b.Columns;
        Arguments.Shape(b, transposeB ? n : k, transposeB ? k : n);
        Arguments.Shape(c, m, n);
        var (left, right, to) = (View(a), View(b), View(c));
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j < n; j++)
            {
                var sum = accumulate ? (double)to[i, j] : 0;
                for (var p = 0; p < k; p++)
                    sum += (double)(transposeA ? left[p, i] : left[i, p]) * (transposeB ? right[j, p] : right[p, j]);
                to[i, j] = (float)sum;
            }
        }
    }

    public override PackedMatrix Pack(Block w, ElementType type = ElementType.Float32)
    {
        var from = View(w);
        var copy = Allocate((long)w.Rows * w.Columns, type);
        var row = new float[w.Columns];
        for (var i = 0; i < w.Rows; i++)
        {
            for (var j = 0; j < w.Columns; j++)
                row[j] = from[i, j];
            Upload(row, copy, (long)i * w.Columns);
        }

        return new Packed(copy, w.Rows, w.Columns, type);
    }

    public override void MatMulPacked(Block x, PackedMatrix w, Block y, bool accumulate = false)
    {
        Arguments.Shape(x, x.Rows, w.Inputs);
        Arguments.Shape(y, x.Rows, w.Outputs);
        var data = ((Numbers)((Packed)w).Weights).Data;
        var (from, to) = (View(x), View(y));
        for (var i = 0; i < x.Rows; i++)
        {
            for (var j = 0; j < w.Outputs; j++)
            {
                var sum = accumulate ? (double)to[i, j] : 0;
                for (var p = 0; p < w.Inputs; p++)
                    sum += (double)from[i, p] * data[j * w.Inputs + p];
                to[i, j] = (float)sum;
            }
        }
    }

    private sealed class Packed(Storage weights, int outputs, int inputs, ElementType type)
        : PackedMatrix(outputs, inputs, type)
    {
        public Storage Weights { get; } = weights;

        protected override void Dispose(bool disposing) => Weights.Dispose();
    }
}
