namespace SoupsActors.Silo.Hosting;

/// <summary>How far the start has come; health checks read it.</summary>
internal sealed class StartupState
{
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? reason = "The model is loading.";

    /// <summary>Why requests cannot be answered yet, or null when they can.</summary>
    public string? Reason => reason;

    /// <summary>Whether the start was given up.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Ends when the server is ready, or has given up.</summary>
    public Task Ended => ended.Task;

    public void Ready()
    {
        reason = null;
        ended.TrySetResult();
    }

    public void Failed(string why)
    {
        reason = why;
        HasFailed = true;
        ended.TrySetResult();
    }
}
