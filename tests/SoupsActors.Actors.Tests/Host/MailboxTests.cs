namespace SoupsActors.Actors.Tests.Host;

public sealed class MailboxTests
{
    [Fact]
    public void Items_come_out_in_the_order_they_went_in()
    {
        var mailbox = default(Mailbox);
        Assert.Equal(Posted.Wake, mailbox.Post(new Item(0, 0)));
        Assert.Equal(Posted.Queued, mailbox.Post(new Item(0, 1)));
        Assert.False(mailbox.TryIdle());
        Assert.Equal([0, 1], Take(ref mailbox).Select(item => item.Number));
        Assert.Equal(Posted.Queued, mailbox.Post(new Item(0, 2)));
        Assert.False(mailbox.TryClose());
        Assert.Equal([2], Take(ref mailbox).Select(item => item.Number));
        Assert.True(mailbox.TryIdle());
        Assert.Equal(Posted.Wake, mailbox.Post(new Item(0, 3)));
        Assert.Single(Take(ref mailbox));
        Assert.True(mailbox.TryClose());
        Assert.Equal(Posted.Refused, mailbox.Post(new Item(0, 4)));
    }

    [Fact]
    public async Task Many_producers_lose_nothing_wake_the_owner_once_and_keep_their_order()
    {
        const int producers = 4;
        const int each = 20_000;
        var owner = new Owner();
        await Task.WhenAll(Enumerable.Range(0, producers).Select(producer => Task.Run(() =>
        {
            for (var i = 0; i < each; i++)
                owner.Post(new Item(producer, i));
        })));
        await owner.TakenAsync(producers * each);
        Assert.All(
            owner.Taken.GroupBy(item => item.Producer),
            group => Assert.Equal(Enumerable.Range(0, each), group.Select(item => item.Number)));
    }

    private static List<Item> Take(ref Mailbox mailbox)
    {
        List<Item> items = [];
        for (var item = mailbox.TakeAll(); item is not null; item = item.Next)
            items.Add((Item)item);
        return items;
    }

    private sealed class Item(int producer, int number) : WorkItem
    {
        public int Producer => producer;

        public int Number => number;

        internal override void Run(Activation activation)
        {
        }
    }

    /// <summary>Empties a mailbox as an activation does.</summary>
    private sealed class Owner
    {
        private readonly TaskCompletionSource complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Mailbox mailbox;
        private int running;
        private int expected = int.MaxValue;

        public List<Item> Taken { get; } = [];

        public void Post(Item item)
        {
            if (mailbox.Post(item) == Posted.Wake)
                ThreadPool.UnsafeQueueUserWorkItem(static owner => owner.Drain(), this, preferLocal: false);
        }

        public Task TakenAsync(int count)
        {
            Volatile.Write(ref expected, count);
            Post(new Item(-1, 0));
            return complete.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }

        private void Drain()
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            do
                Taken.AddRange(Take(ref mailbox).Where(item => item.Producer >= 0));
            while (!Release());
        }

        private bool Release()
        {
            if (Taken.Count == Volatile.Read(ref expected))
                complete.TrySetResult();
            Interlocked.Decrement(ref running);
            if (mailbox.TryIdle())
                return true;
            Interlocked.Increment(ref running);
            return false;
        }
    }
}
