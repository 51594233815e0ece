namespace SoupsActors.Tensors.Tests.Autograd;

public sealed class GradientTests
{
    [Theory]
    [InlineData(UnaryOp.Negate)]
    [InlineData(UnaryOp.Exp)]
    [InlineData(UnaryOp.Square)]
    [InlineData(UnaryOp.Sigmoid)]
    [InlineData(UnaryOp.LogSigmoid)]
    [InlineData(UnaryOp.Tanh)]
    [InlineData(UnaryOp.Silu)]
    public void Functions_of_one_number(UnaryOp op) => GradientCheck.Run((_, p) => p[0].Map(op), (3, 5));

    [Theory]
    [InlineData(UnaryOp.Log)]
    [InlineData(UnaryOp.Sqrt)]
    [InlineData(UnaryOp.Abs)]
    [InlineData(UnaryOp.Relu)]
    public void Functions_of_one_positive_number(UnaryOp op) =>
        GradientCheck.Run((_, p) => p[0].Map(op), Positive, (2, 3));

    [Theory]
    [InlineData(3, 4)]
    [InlineData(1, 4)]
    [InlineData(3, 1)]
    [InlineData(1, 1)]
    public void Arithmetic_with_every_form_of_repetition(int rows, int columns)
    {
        GradientCheck.Run((_, p) => p[0] + p[1], (3, 4), (rows, columns));
        GradientCheck.Run((_, p) => p[0] - p[1], (3, 4), (rows, columns));
        GradientCheck.Run((_, p) => p[0] * p[1], (3, 4), (rows, columns));
        GradientCheck.Run((_, p) => p[0] / p[1], Positive, (3, 4), (rows, columns));
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(1, 4)]
    [InlineData(1, 1)]
    public void Minimum_and_maximum_send_the_gradient_to_the_one_chosen(int rows, int columns)
    {
        GradientCheck.Run((_, p) => p[0].Minimum(p[1]), Apart, (3, 4), (rows, columns));
        GradientCheck.Run((_, p) => p[0].Maximum(p[1]), Apart, (3, 4), (rows, columns));
    }

    [Fact]
    public void Clamp_has_no_gradient_outside_its_range() =>
        GradientCheck.Run((_, p) => p[0].Clamp(-0.31f, 0.37f), (4, 6));

    [Fact]
    public void Scalars_on_either_side() =>
        GradientCheck.Run((_, p) => (2f - p[0]) * 3f + (p[0] - 1f) / 4f + (-p[0] + 5f) * 0.5f, (2, 2));

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Matrix_products_in_all_transposition_forms(bool transposeA, bool transposeB) => GradientCheck.Run(
        (_, p) => p[0].MatMul(p[1], transposeA, transposeB),
        transposeA ? (5, 3) : (3, 5),
        transposeB ? (4, 5) : (5, 4));

    [Fact]
    public void Sums_and_means()
    {
        GradientCheck.Run((_, p) => p[0].Sum(), (3, 5));
        GradientCheck.Run((_, p) => p[0].Mean(), (3, 5));
        GradientCheck.Run((_, p) => p[0].SumColumns(), (3, 5));
        GradientCheck.Run((t, p) => p[0].MaskedMean(t.Constant([1, 0, 1, 1, 0, 0], 2, 3)), (2, 3));
    }

    [Fact]
    public void Softmax_and_log_softmax()
    {
        GradientCheck.Run((_, p) => p[0].Softmax(), (3, 5));
        GradientCheck.Run((_, p) => p[0].LogSoftmax(), (3, 5));
    }

    [Fact]
    public void Cross_entropy_leaves_out_negative_targets() =>
        GradientCheck.Run((_, p) => p[0].CrossEntropy([2, -1, 0]), (3, 4));

    [Fact]
    public void Gathering_rows_and_columns()
    {
        GradientCheck.Run((_, p) => p[0].GatherRows([2, 0, 2, 1]), (3, 4));
        GradientCheck.Run((_, p) => p[0].GatherColumns([3, 0, 3]), (3, 4));
    }

    [Fact]
    public void Slices_share_one_gradient() => GradientCheck.Run(
        (_, p) => p[0].SliceRows(1, 2) * p[0].SliceRows(0, 2) + p[0].SliceColumns(1, 2).SliceRows(2, 2).SumColumns(),
        (4, 3));

    [Fact]
    public void Reshaped_values_keep_their_gradients() =>
        GradientCheck.Run((_, p) => p[0].Reshape(6, 2).RmsNorm(p[1], 1e-5f).Reshape(3, 4), (3, 4), (1, 2));

    [Fact]
    public void Root_mean_square_norm() => GradientCheck.Run((_, p) => p[0].RmsNorm(p[1], 1e-5f), (3, 6), (1, 6));

    [Fact]
    public void Gated_silu() => GradientCheck.Run((_, p) => p[0].SiluGate(p[1]), (3, 5), (3, 5));

    [Fact]
    public void Linear_layer_added_in_place() => GradientCheck.Run(
        (_, p) => p[0].Linear(p[1]).AddLinearInPlace(p[0].Linear(p[2]), p[3]), (3, 4), (5, 4), (2, 4), (5, 2));

    [Fact]
    public void Linear_layer_added_in_place_to_a_constant() => GradientCheck.Run(
        (tape, p) => tape.Constant([1, 2, 3, 4], 2, 2).AddLinearInPlace(p[0], p[1]), (2, 3), (2, 3));

    [Fact]
    public void Rotary_embedding() => GradientCheck.Run(
        (tape, p) => (p[0] * 1f).RotateInPlace(2, [0, 3, 5], Rotations(tape, positions: 6, headSize: 4)), (3, 8));

    [Theory]
    [InlineData(2, 2)]
    [InlineData(4, 2)]
    [InlineData(4, 1)]
    public void Causal_attention_with_grouped_heads(int heads, int kvHeads) => GradientCheck.Run(
        (_, p) => p[0].Attention(p[1], p[2], new AttentionShape(heads, kvHeads, 2, 0.7f), [0, 3, 4]),
        (4, heads * 2),
        (4, kvHeads * 2),
        (4, kvHeads * 2));

    [Fact]
    public void A_value_used_many_times_gathers_every_gradient() =>
        GradientCheck.Run((_, p) => p[0] * p[0] + p[0].Exp() * p[0], (2, 3));

    private static float Positive(int index, Random random) => 0.5f + (float)random.NextDouble();

    private static float Apart(int index, Random random) =>
        index == 0 ? random.Next(2) == 0 ? -1f : 1f : (float)random.NextDouble() - 0.5f;

    private static Block Rotations(Tape tape, int positions, int headSize)
    {
        var table = new float[positions * headSize];
        for (var p = 0; p < positions; p++)
        {
            for (var j = 0; j < headSize / 2; j++)
            {
                table[p * headSize + j] = MathF.Cos(p * (j + 1) * 0.3f);
                table[p * headSize + headSize / 2 + j] = MathF.Sin(p * (j + 1) * 0.3f);
            }
        }

        return tape.Constant(table, positions, headSize).Value;
    }
}
