using SoupsActors.Dashboard.Data.Playground;
using SoupsActors.Dashboard.Tests.Data;
using SoupsActors.Feedback;

namespace SoupsActors.Dashboard.Tests.Playground;

public sealed class VerdictTests
{
    private readonly List<FeedbackEvent[]> appended = [];
    private readonly PlaygroundVerdicts verdicts;
    private TaskCompletionSource<FeedbackResult[]> stored = new();

    public VerdictTests() => verdicts = new PlaygroundVerdicts(
        FakeGrains.Of(new Dictionary<string, Func<object?[], object?>>
        {
            ["IFeedbackGrain.Append"] = args =>
            {
                appended.Add((FeedbackEvent[])args[0]!);
                return stored.Task;
            },
        }));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task a_double_click_is_one_verdict(bool standsAlone)
    {
        string[] others = standsAlone ? [] : ["b", "c"];
        var first = verdicts.GiveAsync("a", others, true, null, "ann");
        Assert.True(verdicts.Given("a", null));
        var second = verdicts.GiveAsync("a", others, true, null, "ann");
        var third = verdicts.GiveAsync("a", others, false, null, "ann");
        stored.SetResult([]);
        Assert.Equal([standsAlone ? 1 : 2, 0, 0], await Task.WhenAll(first, second, third));
        Assert.Equal(standsAlone ? 1 : 2, Assert.Single(appended).Length);
    }

    [Fact]
    public async Task two_answers_are_compared_once_whichever_was_called_better()
    {
        stored.SetResult([]);
        Assert.Equal(1, await verdicts.GiveAsync("a", ["b"], true, null, "ann"));
        Assert.Equal(1, await verdicts.GiveAsync("b", ["a", "c"], false, null, "ann"));
        Assert.Equal(0, await verdicts.GiveAsync("c", ["b"], true, null, "ann"));
        Assert.Null(verdicts.Given("c", null));
        Assert.Equal(1, await verdicts.GiveAsync("a", ["b"], true, "P1A", "ann"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task what_could_not_be_stored_can_be_said_again(bool isRefused)
    {
        if (isRefused)
            stored.SetResult([new FeedbackResult("op", FeedbackStatus.Refused, new FeedbackRefusal("No.", "no"))]);
        else
            stored.SetException(new TimeoutException());
        await Assert.ThrowsAnyAsync<Exception>(() => verdicts.GiveAsync("a", ["b"], true, null, "ann"));
        await Assert.ThrowsAsync<SoupsException>(() => verdicts.GiveAsync("a", ["b"], true, null, ""));
        Assert.Null(verdicts.Given("a", null));
        stored = new();
        stored.SetResult([]);
        Assert.Equal(1, await verdicts.GiveAsync("a", ["b"], false, null, "ann"));
        Assert.False(verdicts.Given("a", null));
    }
}
