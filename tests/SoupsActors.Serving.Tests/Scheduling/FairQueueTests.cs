using SoupsActors.Serving.Scheduling;

namespace SoupsActors.Serving.Tests.Scheduling;

public sealed class FairQueueTests
{
    private readonly FairQueue<string> queue = new();
    private readonly Dictionary<string, FairAccount> accounts = [];

    [Fact]
    public void The_client_served_least_is_next_and_its_requests_keep_their_order()
    {
        for (var i = 0; i < 3; i++)
            Enqueue("greedy", $"g{i}");
        Enqueue("modest", "m0");
        Enqueue("modest", "m1");
        Assert.Equal("g0", Serve("greedy", 10));
        Assert.Equal("m0", Serve("modest", 1));
        Assert.Equal("m1", Serve("modest", 1));
        Assert.Equal("g1", Serve("greedy", 10));
        Assert.Equal("g2", Serve("greedy", 10));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void Idling_saves_up_no_credit()
    {
        Enqueue("idler", "i");
        Serve("idler", 1);
        for (var i = 0; i < 10; i++)
            Enqueue("worker", $"w{i}");
        for (var i = 0; i < 5; i++)
            Serve("worker", 100);
        var idler = Enqueue("idler", "i");
        Assert.Equal(501, idler.Used);
    }

    [Fact]
    public void Leaving_and_coming_back_pays_no_debt()
    {
        Enqueue("other", "o0");
        Enqueue("other", "o1");
        var account = Enqueue("heavy", "h0");
        queue.Dequeue();
        Assert.Equal("o1", Serve("other", 1));
        Enqueue("other", "o2");
        Assert.Equal("h0", Serve("heavy", 1000));
        Enqueue("heavy", "h1");
        Assert.Equal(1000, account.Used);
        Assert.True(queue.TryPeek(out var next));
        Assert.Equal("o2", next);
    }

    [Fact]
    public void Removed_requests_leave_the_others_in_order()
    {
        foreach (var item in new[] { "a", "b", "c", "d" })
            Enqueue("client", item);
        var removed = new List<string>();
        queue.RemoveWhere(item => item is "a" or "c", removed.Add);
        Assert.Equal(["a", "c"], removed);
        Assert.Equal(["b", "d"], [queue.Dequeue(), queue.Dequeue()]);
        Assert.Throws<InvalidOperationException>(() => queue.Dequeue());
    }

    [Fact]
    public void Accounts_of_clients_that_come_once_do_not_pile_up()
    {
        for (var i = 0; i < 10_000; i++)
        {
            Enqueue($"client {i}", "request");
            Serve($"client {i}", 5);
        }

        Assert.InRange(queue.AccountCount, 1, 1100);
    }

    private FairAccount Enqueue(string key, string item) => accounts[key] = queue.Enqueue(key, item);

    private string Serve(string key, long cost)
    {
        var item = queue.Dequeue();
        accounts[key].Used += cost;
        return item;
    }
}
