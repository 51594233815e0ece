using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Testing;

namespace SoupsActors.Tensors.Tests.Backends;

public sealed class RowMixingTests
{
    [Fact]
    public void Rows_are_mixed_as_the_plain_twin_does() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var (experts, sites) = (1 + random.Next(5), 1 + random.Next(3));
            var (rank, rows) = (1 + random.Next(40), random.Next(4));
            var segments = Segments(sites, experts, rank);
            var columns = sites * experts * rank;
            var numbers = Numbers(random, rows * columns);
            var weights = Numbers(random, 2 * experts).Select(w => random.Next(3) == 0 ? 0 : w).ToArray();
            int[] mixes = [.. Enumerable.Range(0, rows).Select(_ => random.Next(3) - 1)];
            var table = new MixWeights(weights, [false, true], experts);
            using var backend = new ReferenceBackend();
            using var expected = backend.Allocate(numbers.Length);
            backend.Upload(numbers, expected);
            backend.MixRows(new Block(expected, 0, rows, columns), mixes, table, segments);

            for (var i = 0; i < rows; i++)
                RowMixing.Mix(numbers.AsSpan(i * columns, columns), mixes[i], table, segments);

            var twin = new float[numbers.Length];
            backend.Download(expected, 0, twin);
            for (var i = 0; i < twin.Length; i++)
                Assert.Equal(twin[i], numbers[i], 1e-5f * (1 + Math.Abs(twin[i])));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_expert_without_weight_gives_exact_zeros_even_where_its_numbers_overflow()
    {
        float[] row = [float.PositiveInfinity, float.NaN, 3];

        RowMixing.Mix(
            row, 0, new MixWeights([0, 2], [false], 2), [new MixSegment(0, 0, 0, 2), new MixSegment(0, 1, 2, 1)]);

        Assert.Equal([0, 0, 6], row);
    }

    [Fact]
    public void A_factor_mix_ignores_the_numbers_of_experts_without_weight()
    {
        float[] row = [float.NaN, 3, 5];

        RowMixing.Mix(
            row,
            0,
            new MixWeights([0, 2, 10], [true], 3),
            [new MixSegment(0, 0, 0, 1), new MixSegment(0, 1, 1, 1), new MixSegment(0, 2, 2, 1)]);

        Assert.Equal([0, 2 * 56, 10 * 56], row);
    }

    [Fact]
    public void A_factor_mix_of_unequal_ranks_is_refused() =>
        Assert.Throws<ArgumentException>(() => RowMixing.Mix(
            new float[3],
            0,
            new MixWeights([1, 1], [true], 2),
            [new MixSegment(0, 0, 0, 1), new MixSegment(0, 1, 1, 2)]));

    private static MixSegment[] Segments(int sites, int experts, int rank) =>
    [
        .. from site in Enumerable.Range(0, sites)
           from expert in Enumerable.Range(0, experts)
           select new MixSegment(site, expert, (site * experts + expert) * rank, rank),
    ];

    private static float[] Numbers(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 4 - 2))];
}
