using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Tensors.Tests.Kernels;

/// <summary>Every kernel against its double-precision twin, for each instruction set and for awkward shapes.</summary>
public sealed class KernelTests
{
    private static readonly (int Rows, int Columns)[] Shapes =
        [(0, 3), (3, 0), (1, 1), (1, 7), (2, 16), (5, 33), (13, 64), (3, 131), (40, 1000)];

    public static TheoryData<InstructionSet> Sets => InstructionSets.All;

    [Theory, MemberData(nameof(Sets))]
    public void Matrix_products_in_all_transpositions(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        using var twin = new Twin(fast, 1) { Tolerance = 1e-4 };
        int[] sizes = [0, 1, 2, 5, 12, 17, 32, 33, 61];
        for (var trial = 0; trial < 120; trial++)
        {
            var (m, n, k) = (Pick(twin, sizes), Pick(twin, sizes), Pick(twin, sizes));
            var (ta, tb, accumulate) = (trial % 2 == 1, trial / 2 % 2 == 1, trial / 4 % 2 == 1);
            twin.Check(
                (b, x) => b.MatMul(x[0], ta, x[1], tb, x[2], accumulate),
                ta ? (k, m) : (m, k), tb ? (n, k) : (k, n), (m, n));
        }

        twin.Check((b, x) => b.MatMul(x[0], false, x[1], true, x[2]), (70, 1100), (90, 1100), (70, 90));
        twin.Check((b, x) => b.MatMul(x[0], true, x[1], true, x[2]), (40, 1), (200, 40), (1, 200));
        twin.Check((b, x) => b.MatMul(x[0], true, x[1], false, x[2], true), (1100, 16), (1100, 77), (16, 77));
    }

    [Theory, MemberData(nameof(Sets))]
    public void Packed_products(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        using var twin = new Twin(fast, 2) { Tolerance = 2e-4 };
        foreach (var type in Enum.GetValues<ElementType>())
        {
            foreach (var (m, n, k) in new[]
            {
                (1, 1, 1), (1, 200, 64), (1, 129, 37), (2, 64, 16), (3, 31, 5), (7, 33, 0), (0, 5, 5), (64, 96, 48),
                (13, 300, 33), (1, 600, 1500), (25, 40, 1500),
            })
            {
                foreach (var accumulate in new[] { false, true })
                {
                    twin.Check(
                        (b, x) =>
                        {
                            using var packed = b.Pack(x[1], type);
                            b.MatMulPacked(x[0], packed, x[2], accumulate);
                        },
                        (m, k), (n, k), (m, n));
                }
            }
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Functions_of_one_number_and_their_derivatives(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        foreach (var op in Enum.GetValues<UnaryOp>())
        {
            var positive = op is UnaryOp.Log or UnaryOp.Sqrt;
            using var twin = new Twin(fast, 3)
            {
                Input = r => positive ? r.NextSingle() * 9 + 0.1f : r.NextSingle() * 16 - 8,
                Tolerance = 2e-6,
            };
            foreach (var shape in Shapes)
            {
                twin.Check((b, x) => b.Unary(op, x[0], x[1]), shape, shape);
                twin.Check((b, x) => b.Unary(op, x[0], x[0]), shape);
                using var slopes = new Twin(fast, 4) { Input = twin.Input };
                slopes.Check(
                    (b, x) =>
                    {
                        b.Unary(op, x[0], x[1]);
                        b.UnaryBackwardAccumulate(op, x[0], x[1], x[2], x[3]);
                    },
                    shape, shape, shape, shape);
            }
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Functions_at_the_ends_of_their_range(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        float[] special = [0f, -0f, 1e-30f, -1e-30f, 88.5f, 89.5f, -86f, -100f, -110f, 1e30f, -1e30f,
            float.PositiveInfinity, float.NegativeInfinity, float.NaN, 1e-40f, 0.6f, 0.65f];
        foreach (var op in Enum.GetValues<UnaryOp>())
        {
            var next = 0;
            using var twin = new Twin(fast, 5) { Input = _ => special[next++ % special.Length], Tolerance = 1e-6 };
            twin.Check((b, x) => b.Unary(op, x[0], x[1]), (4, 70), (4, 70));
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Functions_of_two_numbers_with_repetition(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        using var twin = new Twin(fast, 6);
        foreach (var op in Enum.GetValues<BinaryOp>())
        {
            foreach (var (m, n) in Shapes)
            {
                foreach (var second in new[] { (m, n), (1, n), (m, 1), (1, 1) })
                {
                    twin.Check((b, x) => b.Binary(op, x[0], x[1], x[2]), (m, n), second, (m, n));
                    twin.Check((b, x) => b.Binary(op, x[0], x[1], x[0]), (m, n), second);
                }
            }
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Element_wise_updates(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        using var twin = new Twin(fast, 7);
        foreach (var (m, n) in Shapes)
        {
            twin.Check((b, x) => b.Copy(x[0], x[1]), (m, n), (m, n));
            twin.Check((b, x) => b.Fill(x[0], 2.5f), (m, n));
            twin.Check((b, x) => b.AddScaled(-1.5f, x[0], x[1]), (m, n), (m, n));
            twin.Check((b, x) => b.Affine(1.5f, 0.25f, x[0], x[0]), (m, n));
            twin.Check((b, x) => b.ScaleRowsAccumulate(x[0], x[1], x[2]), (m, n), (m, 1), (m, n));
            twin.Check((b, x) => b.SiluGate(x[0], x[1], x[2]), (m, n), (m, n), (m, n));
            foreach (var accumulate in new[] { false, true })
            {
                twin.Check(
                    (b, x) => b.SiluGateBackward(x[0], x[1], x[2], x[3], x[4], accumulate),
                    (m, n), (m, n), (m, n), (m, n), (m, n));
            }
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Reductions(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        using var twin = new Twin(fast, 8) { Tolerance = 5e-5 };
        foreach (var (m, n) in Shapes)
        {
            foreach (var op in Enum.GetValues<ReduceOp>())
                twin.Check((b, x) => b.ReduceColumns(op, x[0], x[1]), (m, n), (m, 1));
            twin.Check((b, x) => b.SumRowsAccumulate(x[0], x[1]), (m, n), (1, n));
            twin.Check((b, x) => Math.Round(b.Sum(x[0]), 6), (m, n));
            twin.Check((b, x) => Math.Round(b.SumOfSquares(x[0]), 6), (m, n));
            twin.Check((b, x) => b.AllFinite(x[0]), (m, n));
            if (n > 0)
            {
                twin.Check(
                    (b, x) =>
                    {
                        var columns = new int[m];
                        b.ArgMax(x[0], columns);
                        return columns;
                    },
                    (m, n));
            }
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void First_maximum_of_ties_infinities_and_nan(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        float[] values = [1f, 1f, float.NegativeInfinity, float.NaN, 0f, -0f];
        using var twin = new Twin(fast, 9) { Input = r => values[r.Next(values.Length)] };
        for (var n = 1; n < 40; n++)
        {
            twin.Check(
                (b, x) =>
                {
                    var columns = new int[30];
                    b.ArgMax(x[0], columns);
                    return columns;
                },
                (30, n));
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Finite_means_no_nan_and_no_infinity(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            for (var at = 0; at < 75; at++)
            {
                using var storage = fast.Allocate(75);
                fast.Upload([bad], storage, at);
                Assert.False(fast.AllFinite(new Block(storage, 0, 1, 75)));
                Assert.Equal(at >= 70, fast.AllFinite(new Block(storage, 0, 1, 70)));
            }
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Indexing(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        using var twin = new Twin(fast, 10);
        foreach (var (m, n) in Shapes)
        {
            var rows = twin.Integers(m, 6);
            twin.Check((b, x) => b.GatherRows(x[0], rows, x[1]), (6, n), (m, n));
            twin.Check((b, x) => b.ScatterRowsAccumulate(x[0], rows, x[1]), (m, n), (6, n));
            if (n == 0)
                continue;
            var columns = twin.Integers(m, n);
            twin.Check((b, x) => b.GatherColumns(x[0], columns, x[1]), (m, n), (m, 1));
            twin.Check((b, x) => b.ScatterColumnsAccumulate(x[0], columns, x[1]), (m, 1), (m, n));
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Norms_and_rotations(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        using var twin = new Twin(fast, 11) { Tolerance = 1e-4 };
        foreach (var (m, n) in Shapes.Where(s => s.Columns > 0))
        {
            twin.Check((b, x) => b.RmsNorm(x[0], x[1], 1e-5f, x[2], x[3]), (m, n), (1, n), (m, n), (m, 1));
            twin.Check(
                (b, x) =>
                {
                    b.RmsNorm(x[0], x[1], 1e-5f, x[2], x[3]);
                    b.RmsNormBackwardAccumulate(x[0], x[1], x[3], x[4], x[5], x[6]);
                },
                (m, n), (1, n), (m, n), (m, 1), (m, n), (m, n), (1, n));
            twin.Check(
                (b, x) => b.RmsNormBackwardAccumulate(x[0], x[1], x[2], x[3], x[4], dgain: null),
                (m, n), (1, n), (m, 1), (m, n), (m, n));
        }

        foreach (var (m, heads, size) in new[] { (0, 1, 2), (1, 1, 2), (3, 2, 6), (5, 3, 32), (9, 2, 64), (4, 1, 70) })
        {
            var positions = twin.Integers(m, 11);
            foreach (var inverse in new[] { false, true })
                twin.Check((b, x) => b.Rotate(x[0], heads, positions, x[1], inverse), (m, heads * size), (11, size));
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Softmax_and_cross_entropy(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        using var twin = new Twin(fast, 12) { Input = r => r.NextSingle() * 30 - 15 };
        foreach (var (m, n) in Shapes.Where(s => s.Columns > 0))
        {
            var targets = twin.Integers(m, n, -1);
            foreach (var log in new[] { false, true })
            {
                twin.Check((b, x) => b.Softmax(x[0], x[1], log), (m, n), (m, n));
                twin.Check((b, x) => b.Softmax(x[0], x[0], log), (m, n));
                using var slopes = new Twin(fast, 13) { Tolerance = 2e-4 };
                slopes.Check(
                    (b, x) =>
                    {
                        b.Softmax(x[0], x[1], log);
                        b.SoftmaxBackwardAccumulate(x[1], x[2], x[3], log);
                    },
                    (m, n), (m, n), (m, n), (m, n));
            }

            twin.Check((b, x) => b.CrossEntropy(x[0], targets, x[1], x[2]), (m, n), (m, 1), (m, 1));
            twin.Check(
                (b, x) =>
                {
                    b.CrossEntropy(x[0], targets, x[1], x[2]);
                    b.CrossEntropyBackwardAccumulate(x[0], targets, x[2], x[3], x[4]);
                },
                (m, n), (m, 1), (m, 1), (m, 1), (m, n));
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Optimiser_step(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        using var twin = new Twin(fast, 14) { Input = r => r.NextSingle() + 0.01f };
        foreach (var (m, n) in Shapes)
        {
            var step = new AdamWStep(1e-2f, 0.9f, 0.95f, 1e-8f, 0.1f, Step: 3, GradientScale: 0.5f);
            twin.Check((b, x) => b.AdamW(x[0], x[1], x[2], x[3], step), (m, n), (m, n), (m, n), (m, n));
        }

        var contiguous = new AdamWStep(1e-2f, 0.9f, 0.95f, 1e-8f, 0.1f, Step: 1);
        twin.Check(
            (b, x) => b.AdamW(x[0], x[1], x[2], x[3], contiguous), (1, 40000), (1, 40000), (1, 40000), (1, 40000));
    }

    private static int Pick(Twin twin, int[] from) => from[twin.Random.Next(from.Length)];
}
