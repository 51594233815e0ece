namespace SoupsActors.Dashboard.Data;

/// <summary>Wakes whoever shows how long ago something was; stands still while nobody does.</summary>
public sealed class MinuteClock(TimeProvider clock)
    : LiveSource<MinuteClock.Tick>(TimeSpan.FromSeconds(15), clock)
{
    private readonly TimeProvider clock = clock;

    /// <summary>Calls back every quarter of a minute until disposed.</summary>
    public IDisposable Watch(Func<Task> onTick) => Watch(_ => onTick());

    /// <inheritdoc/>
    protected override Task<Tick> ReadAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new Tick(clock.GetUtcNow()));

    /// <summary>A moment.</summary>
    public sealed record Tick(DateTimeOffset At);
}
