using SoupsActors.Cluster;

namespace SoupsActors.Silo.Statistics;

/// <summary>The last lines of the log. Like every log of this program they hold no prompts and no answers.</summary>
[ProviderAlias("Dashboard")]
internal sealed class LogRing(TimeProvider clock) : ILoggerProvider
{
    /// <summary>Lines kept.</summary>
    public const int Kept = 500;

    /// <summary>Most characters of a message, and of a failure.</summary>
    public const int LongestText = 2000;

    private readonly Lock gate = new();
    private readonly Queue<LogLine> lines = new(Kept);
    private long written;

    public ILogger CreateLogger(string categoryName) => new RingLogger(this, categoryName);

    /// <summary>The lines, oldest first.</summary>
    public LogLine[] Read()
    {
        lock (gate)
            return [.. lines];
    }

    public void Dispose()
    {
        // Nothing to give back.
    }

    private static string Cut(string text) => text.Length <= LongestText ? text : text[..LongestText] + " …";

    private void Write(LogGravity gravity, string category, string message, Exception? error)
    {
        var (text, failure) = (Cut(message), error is null ? null : Cut(error.ToString()));
        lock (gate)
        {
            while (lines.Count >= Kept)
                lines.Dequeue();
            lines.Enqueue(new LogLine(++written, clock.GetUtcNow(), gravity, category, text, failure));
        }
    }

    private sealed class RingLogger(LogRing ring, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and < LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            var gravity = logLevel switch
            {
                >= LogLevel.Error => LogGravity.Error,
                LogLevel.Warning => LogGravity.Warning,
                _ => LogGravity.Information,
            };
            ring.Write(gravity, category, formatter(state, exception), exception);
        }
    }
}
