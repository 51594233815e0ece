using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Direct;
using SoupsActors.Tensors;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Learning.Tests.Direct;

public sealed class PairwiseLossTests : IDisposable
{
    private static readonly TokenPair Pair = new([1], [2], [3]);

    private readonly CpuBackend backend = CpuBackend.Create(new CpuOptions { Threads = 1 });
    private readonly Tape tape;

    public PairwiseLossTests() => tape = new Tape(backend);

    public void Dispose()
    {
        tape.Dispose();
        backend.Dispose();
    }

    [Fact]
    public void Dpo_is_the_logistic_loss_of_the_scaled_gap()
    {
        var loss = new PairwiseLoss { Beta = 0.5 };
        Assert.Equal(Math.Log(2), Loss(loss, 0), 6);
        Assert.Equal(Math.Log(1 + Math.Exp(-1)), Loss(loss, 2), 6);
        Assert.Equal(Math.Log(1 + Math.Exp(1)), Loss(loss, -2), 6);
    }

    [Fact]
    public void Conservative_dpo_mixes_the_loss_of_the_label_with_that_of_its_opposite()
    {
        // (1 − ε)·(−log σ(βh)) + ε·(−log σ(−βh)) with ε = 0.1, β = 0.5, h = 2.
        var expected = 0.9 * Math.Log(1 + Math.Exp(-1)) + 0.1 * Math.Log(1 + Math.Exp(1));
        Assert.Equal(expected, Loss(new PairwiseLoss { Beta = 0.5, LabelSmoothing = 0.1 }, 2), 6);
        Assert.Equal(expected, Loss(new PairwiseLoss { Beta = 0.5 }, 2, Pair with { ChosenProbability = 0.9f }), 6);
    }

    [Fact]
    public void Ipo_pulls_the_gap_to_half_the_inverse_of_beta()
    {
        var loss = new PairwiseLoss { Kind = PairwiseLossKind.Identity, Beta = 0.1 };
        Assert.Equal(0, Loss(loss, 5), 5);
        Assert.Equal(25, Loss(loss, 0), 4);
        Assert.Equal(1, Loss(loss, 6), 4);
    }

    [Fact]
    public void A_margin_shifts_the_gap_in_units_of_the_implicit_reward()
    {
        var pair = Pair with { Margin = 3 };
        var loss = new PairwiseLoss { Beta = 0.5, MarginScale = 0.5 };
        Assert.Equal(Loss(new PairwiseLoss { Beta = 0.5 }, 4 - 3), Loss(loss, 4, pair), 6);
        Assert.Equal(Loss(new PairwiseLoss { Beta = 0.5 }, 4), Loss(loss with { MarginScale = 0 }, 4, pair), 6);
        Assert.Equal(
            Loss(new PairwiseLoss { Beta = 0.5 }, 4),
            Loss(loss with { MarginScale = 0 }, 4, Pair with { Margin = float.PositiveInfinity }));
        var identity = loss with { Kind = PairwiseLossKind.Identity };
        Assert.Equal(0, Loss(identity, 1 / (2 * 0.5f) + 3, pair), 5);
    }

    [Fact]
    public void An_even_label_makes_the_loss_smallest_at_a_gap_of_zero()
    {
        foreach (var kind in Enum.GetValues<PairwiseLossKind>())
        {
            var loss = new PairwiseLoss { Kind = kind, Beta = 0.3 };
            var even = Pair with { ChosenProbability = 0.5f };
            Assert.True(Loss(loss, 0, even) < Loss(loss, 0.5f, even));
            Assert.True(Loss(loss, 0, even) < Loss(loss, -0.5f, even));
        }
    }

    [Fact]
    public void Swapping_the_answers_equals_turning_the_label() => Prop.ForAll(
        Gen.Choose(-400, 400)
            .SelectMany(h => Gen.Choose(0, 100).Select(q => (Gap: h / 50f, Label: q / 100f)))
            .ToArbitrary(),
        x => Enum.GetValues<PairwiseLossKind>().All(kind =>
        {
            var loss = new PairwiseLoss { Kind = kind, Beta = 0.2 };
            var turned = Loss(loss, -x.Gap, Pair with { ChosenProbability = 1 - x.Label });
            var straight = Loss(loss, x.Gap, Pair with { ChosenProbability = x.Label });
            return Math.Abs(straight - turned) < 1e-4 * (1 + turned);
        })).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    [InlineData(0.1, 0.5)]
    [InlineData(double.NaN, 0)]
    public void Settings_out_of_range_are_refused(double beta, double smoothing) =>
        Assert.Throws<ArgumentException>(() => new PairwiseLoss { Beta = beta, LabelSmoothing = smoothing }.Validate());

    private double Loss(PairwiseLoss loss, float gap, TokenPair? pair = null)
    {
        var value = loss.Losses(tape.Constant(gap), [pair ?? Pair]).ToScalar();
        tape.Reset();
        return value;
    }
}
