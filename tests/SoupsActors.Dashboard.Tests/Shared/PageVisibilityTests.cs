using SoupsActors.Dashboard.Shared;

namespace SoupsActors.Dashboard.Tests.Shared;

public sealed class PageVisibilityTests
{
    private readonly PageVisibility page = new();
    private int begun;
    private int ended;

    [Fact]
    public void a_hidden_page_watches_nothing_and_goes_on_when_it_is_shown()
    {
        using var watch = page.Watch(Begin);
        Assert.Equal((1, 0), (begun, ended));
        page.Show(false);
        page.Show(false);
        Assert.Equal((1, 1), (begun, ended));
        page.Show(true);
        page.Show(true);
        Assert.Equal((2, 1), (begun, ended));
    }

    [Fact]
    public void what_is_opened_on_a_hidden_page_waits_until_it_is_shown()
    {
        page.Show(false);
        using var watch = page.Watch(Begin);
        Assert.Equal(0, begun);
        page.Show(true);
        Assert.Equal(1, begun);
    }

    [Fact]
    public void what_was_closed_never_begins_again()
    {
        var (first, second) = (page.Watch(Begin), page.Watch(Begin));
        first.Dispose();
        page.Show(false);
        second.Dispose();
        page.Show(true);
        Assert.Equal((2, 2), (begun, ended));
    }

    private IDisposable Begin()
    {
        begun++;
        return new End(() => ended++);
    }

    private sealed class End(Action onEnd) : IDisposable
    {
        public void Dispose() => onEnd();
    }
}
