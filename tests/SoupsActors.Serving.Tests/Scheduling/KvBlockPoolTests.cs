using SoupsActors.Serving.Scheduling;

namespace SoupsActors.Serving.Tests.Scheduling;

public sealed class KvBlockPoolTests
{
    [Fact]
    public void Blocks_have_one_owner_and_come_back()
    {
        var pool = new KvBlockPool(5);
        Assert.True(pool.TryRent(3, out var first));
        Assert.True(pool.TryRent(2, out var second));
        Assert.Equal([0, 1, 2, 3, 4], first.Concat(second).Order());
        pool.Return(first);
        Assert.Equal(3, pool.FreeCount);
    }

    [Fact]
    public void All_or_nothing_is_rented()
    {
        var pool = new KvBlockPool(2);
        Assert.False(pool.TryRent(3, out var blocks));
        Assert.Empty(blocks);
        Assert.Equal(2, pool.FreeCount);
    }

    [Fact]
    public void A_double_return_is_refused()
    {
        var pool = new KvBlockPool(2);
        pool.TryRent(1, out var blocks);
        pool.Return(blocks);
        Assert.Throws<InvalidOperationException>(() => pool.Return(blocks));
        Assert.Equal(2, pool.FreeCount);
    }
}
