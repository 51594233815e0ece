namespace SoupsActors.Tensors.Tests.Common;

public sealed class SplitMix64Tests
{
    // The first numbers of seed 1234567, as the authors' and other implementations print them.
    private static readonly ulong[] Published =
        [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];

    [Fact]
    public void A_stream_is_the_published_one_in_order_and_by_index()
    {
        var state = 1234567UL;
        Assert.Equal(Published, Published.Select(_ => SplitMix64.Next(ref state)));
        Assert.Equal(Published, Published.Select((_, i) => SplitMix64.At(1234567, (ulong)i)));
    }

    [Fact]
    public void Uniform_numbers_never_reach_one()
    {
        Assert.Equal(0, SplitMix64.ToUniform(0));
        Assert.InRange(SplitMix64.ToUniform(ulong.MaxValue), 0.999, 1 - 1e-16);
    }
}
