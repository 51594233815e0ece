namespace SoupsActors.Silo.Hosting;

/// <summary>
/// How far the start has come, and whether the server has had to give up since; health checks read it.
/// </summary>
internal sealed class StartupState
{
    private readonly Lock gate = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? reason = "The model is loading.";

    /// <summary>Why requests cannot be answered yet, or null when they can.</summary>
    public string? Reason => reason;

    /// <summary>Whether the server was given up. It stays so.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Ends when the server is ready, or has given up.</summary>
    public Task Ended => ended.Task;

    public void Ready()
    {
        lock (gate)
        {
            if (!HasFailed)
                reason = null;
        }

        ended.TrySetResult();
    }

    public void Failed(string why)
    {
        lock (gate)
        {
            reason = why;
            HasFailed = true;
        }

        ended.TrySetResult();
    }
}
