using Microsoft.JSInterop;

namespace SoupsActors.Dashboard.Shared;

/// <summary>
/// Whether people can see the page, as its browser tells. A page in a hidden tab watches nothing; once it is shown
/// again, it goes on with what is new then. Used by one page, by one call at a time.
/// </summary>
public sealed class PageVisibility
{
    private readonly HashSet<Pausing> watches = [];

    internal bool IsVisible { get; private set; } = true;

    /// <summary>Watches while the page can be seen, until disposed.</summary>
    /// <param name="begin">Begins to watch; called anew each time that the page is shown again.</param>
    public IDisposable Watch(Func<IDisposable> begin)
    {
        var watch = new Pausing(this, begin);
        watches.Add(watch);
        watch.Follow();
        return watch;
    }

    /// <summary>Called by the browser when the tab is shown or hidden.</summary>
    /// <param name="isVisible">Whether it is shown.</param>
    [JSInvokable]
    public void Show(bool isVisible)
    {
        IsVisible = isVisible;
        foreach (var watch in watches.ToArray())
            watch.Follow();
    }

    private sealed class Pausing(PageVisibility page, Func<IDisposable> begin) : IDisposable
    {
        private IDisposable? watch;

        public void Follow()
        {
            if (page.IsVisible)
            {
                watch ??= begin();
                return;
            }

            watch?.Dispose();
            watch = null;
        }

        public void Dispose()
        {
            page.watches.Remove(this);
            watch?.Dispose();
            watch = null;
        }
    }
}
