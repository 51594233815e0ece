using SoupsActors.Dashboard.Shared;

namespace SoupsActors.Dashboard.Tests.Shared;

public sealed class OneAtATimeTests
{
    private readonly OneAtATime work = new();

    [Fact]
    public async Task a_second_click_does_nothing_while_the_first_is_under_way()
    {
        var (runs, release) = (0, new TaskCompletionSource());
        var first = work.RunAsync(Act);
        var second = work.RunAsync(Act);
        Assert.Equal((1, true), (runs, work.IsBusy));
        release.SetResult();
        await Task.WhenAll(first, second);
        Assert.False(work.IsBusy);
        await work.RunAsync(Act);
        Assert.Equal(2, runs);

        Task Act()
        {
            runs++;
            return release.Task;
        }
    }

    [Fact]
    public async Task what_failed_can_be_tried_again()
    {
        await Assert.ThrowsAsync<TimeoutException>(
            () => work.RunAsync(() => Task.FromException(new TimeoutException())));
        Assert.False(work.IsBusy);
    }
}
