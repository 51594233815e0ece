using SoupsActors.Testing;

namespace SoupsActors.Tensors.Tests.Autograd;

public sealed class DropoutTests : IDisposable
{
    private readonly ReferenceBackend backend = new();

    public void Dispose() => backend.Dispose();

    [Fact]
    public void Gradients_pass_where_numbers_are_kept() => GradientCheck.Run(
        (tape, p) =>
        {
            tape.DropoutSeed = 5;
            return p[0].Dropout(0.4).Linear(p[1]);
        },
        (3, 8),
        (4, 8));

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void The_share_asked_for_is_dropped_and_the_rest_makes_up_for_it(double probability)
    {
        const int Count = 40_000;
        using var tape = new Tape(backend);
        tape.DropoutSeed = 1;
        var numbers = Ones(tape, 200, 200).Dropout(probability).ToArray();
        var dropped = numbers.Count(n => n == 0) / (double)Count;
        // Five standard errors of a share of that many draws.
        Assert.Equal(probability, dropped, 5 * Math.Sqrt(probability * (1 - probability) / Count));
        Assert.All(numbers, n => Assert.True(n == 0 || n == (float)(1 / (1 - probability))));
    }

    [Fact]
    public void Draws_are_those_of_the_seed_and_the_use()
    {
        float[][] first = [.. Uses(seed: 7)];
        float[][] again = [.. Uses(seed: 7)];
        float[][] other = [.. Uses(seed: 8)];
        Assert.Equal(first, again);
        Assert.NotEqual(first[0], first[1]);
        Assert.NotEqual(first[0], other[0]);
        Assert.NotEqual(first[1], other[0]);

        IEnumerable<float[]> Uses(ulong seed)
        {
            using var tape = new Tape(backend);
            tape.DropoutSeed = seed;
            for (var use = 0; use < 2; use++)
                yield return Ones(tape, 10, 10).Dropout(0.5).ToArray();
        }
    }

    [Fact]
    public void A_tape_without_a_seed_drops_nothing_and_forgets_its_seed_with_the_step()
    {
        using var tape = new Tape(backend);
        Assert.DoesNotContain(0f, Ones(tape, 10, 10).Dropout(0.5).ToArray());
        tape.DropoutSeed = 1;
        Assert.Contains(0f, Ones(tape, 10, 10).Dropout(0.5).ToArray());
        tape.Reset();
        Assert.DoesNotContain(0f, Ones(tape, 10, 10).Dropout(0.5).ToArray());
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_probability_that_is_none_is_refused(double probability)
    {
        using var tape = new Tape(backend);
        Assert.Throws<ArgumentOutOfRangeException>(() => Ones(tape, 1, 1).Dropout(probability));
    }

    private static Tensor Ones(Tape tape, int rows, int columns) =>
        tape.Constant([.. Enumerable.Repeat(1f, rows * columns)], rows, columns);
}
