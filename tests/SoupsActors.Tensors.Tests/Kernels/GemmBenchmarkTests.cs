using SoupsActors.Tensors.Benchmarks;

namespace SoupsActors.Tensors.Tests.Kernels;

public sealed class GemmBenchmarkTests
{
    [Fact]
    public void Measurements_come_packed_and_unpacked_for_each_shape()
    {
        var measured = GemmBenchmark.Run(threads: 1, [(8, 32, 16)]).ToList();
        Assert.Equal([true, false], measured.Select(m => m.Packed));
        Assert.All(measured, m =>
        {
            Assert.Equal((8, 32, 16, 1), (m.Rows, m.Columns, m.Depth, m.Threads));
            Assert.True(m.GigaFlops > 0);
            Assert.Equal(m.OpenBlasGigaFlops is null, m.Ratio is null);
        });
    }
}
