namespace SoupsActors.Dashboard.Shared;

/// <summary>
/// Lets one action of a page run at a time. A button is drawn as disabled only after the first click has come round; a
/// second one that was under way by then must do nothing.
/// </summary>
internal sealed class OneAtATime
{
    /// <summary>Whether an action is under way.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Runs an action; does nothing where one is under way.</summary>
    public async Task RunAsync(Func<Task> action)
    {
        if (IsBusy)
            return;
        IsBusy = true;
        try
        {
            await action();
        }
        finally
        {
            IsBusy = false;
        }
    }
}
