using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Tensors.Tests.Kernels;

public sealed unsafe class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Every_part_runs_exactly_once(int threads)
    {
        using var pool = new WorkerPool(threads);
        var runs = stackalloc int[300];
        for (var count = 0; count < 300; count++)
        {
            new Span<int>(runs, count).Clear();
            var work = new Counting { Runs = runs };
            pool.Run(ref work, count);
            Assert.Equal(Enumerable.Repeat(1, count), new Span<int>(runs, count).ToArray());
        }
    }

    [Fact]
    public void Sleeping_workers_wake_for_new_work_and_the_pool_stops_while_they_sleep()
    {
        var pool = new WorkerPool(3);
        var runs = stackalloc int[64];
        for (var round = 0; round < 20; round++)
        {
            Thread.Yield();
            var work = new Counting { Runs = runs };
            pool.Run(ref work, 64);
        }

        Assert.All(new Span<int>(runs, 64).ToArray(), r => Assert.Equal(20, r));
        pool.Dispose();
    }

    private struct Counting : IParallelWork
    {
        public int* Runs;

        public readonly void Run(int part) => Interlocked.Increment(ref Runs[part]);
    }
}
