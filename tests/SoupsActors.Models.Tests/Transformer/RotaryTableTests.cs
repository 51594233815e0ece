using SoupsActors.Models.Files;
using SoupsActors.Models.Transformer;

namespace SoupsActors.Models.Tests.Transformer;

public sealed class RotaryTableTests
{
    private static readonly TransformerConfig config = TestModels.Config with { HeadSize = 8, MaxPositions = 32 };

    [Fact]
    public void Without_scaling_pair_j_turns_by_theta_to_minus_2j_over_d()
    {
        var table = RotaryTable.Build(config);

        Assert.Equal(32 * 8, table.Length);
        for (var j = 0; j < 4; j++)
            AssertAngle(table, 5, j, 5 * Math.Pow(10_000, -j / 4.0));
    }

    [Fact]
    public void Linear_scaling_divides_positions_and_lengthens_the_context()
    {
        var scaled = config with { Rotary = new RotaryConfig(10_000, RotaryScaling.Linear, 4) };

        var table = RotaryTable.Build(scaled);

        Assert.Equal(128 * 8, table.Length);
        AssertAngle(table, 100, 1, 25 * Math.Pow(10_000, -1 / 4.0));
    }

    [Fact]
    public void Dynamic_scaling_changes_nothing_within_the_trained_length_and_stretches_theta_beyond()
    {
        var scaled = config with { Rotary = new RotaryConfig(10_000, RotaryScaling.Dynamic, 2) };

        var table = RotaryTable.Build(scaled);

        Assert.Equal(RotaryTable.Build(config), table[..(32 * 8)]);

        // At position 47 the sequence is 48 tokens long, 1.5 times the trained length.
        var theta = 10_000 * Math.Pow(2 * 1.5 - 1, 8 / 6.0);
        AssertAngle(table, 47, 2, 47 * Math.Pow(theta, -2 / 4.0));
    }

    [Fact]
    public void Llama3_scaling_keeps_fast_pairs_slows_long_waves_and_blends_between()
    {
        var scaled = config with
        {
            HeadSize = 64,
            MaxPositions = 131_072,
            Rotary = new RotaryConfig(500_000, RotaryScaling.Llama3, 8, 1, 4, 8192),
        };

        var table = RotaryTable.Build(scaled, positions: 8);

        for (var j = 0; j < 32; j++)
        {
            var frequency = Math.Pow(500_000, -j / 32.0);
            var wave = 2 * Math.PI / frequency;
            var smooth = (8192 / wave - 1) / 3;
            var expected = wave < 8192.0 / 4 ? frequency
                : wave > 8192.0 ? frequency / 8
                : (1 - smooth) * frequency / 8 + smooth * frequency;
            AssertAngle(table, 7, j, 7 * expected, 64);
        }
    }

    private static void AssertAngle(float[] table, int position, int pair, double angle, int size = 8)
    {
        Assert.Equal((float)Math.Cos(angle), table[position * size + pair], 1e-6f);
        Assert.Equal((float)Math.Sin(angle), table[position * size + size / 2 + pair], 1e-6f);
    }
}
