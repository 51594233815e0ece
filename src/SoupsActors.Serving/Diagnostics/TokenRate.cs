namespace SoupsActors.Serving.Diagnostics;

/// <summary>Counts events per second over a sliding window of whole seconds.</summary>
internal sealed class TokenRate
{
    private const int Window = 10;

    private readonly TimeProvider time;
    private readonly long start;
    private readonly long[] seconds = new long[Window];
    private readonly long[] counts = new long[Window];

    public TokenRate(TimeProvider time)
    {
        this.time = time;
        start = time.GetTimestamp();
        Array.Fill(seconds, -1);
    }

    public void Add(int count)
    {
        var second = (long)time.GetElapsedTime(start).TotalSeconds;
        var slot = second % Window;
        if (seconds[slot] != second)
        {
            seconds[slot] = second;
            counts[slot] = 0;
        }

        counts[slot] += count;
    }

    public double PerSecond()
    {
        var elapsed = time.GetElapsedTime(start).TotalSeconds;
        var total = 0L;
        for (var slot = 0; slot < Window; slot++)
        {
            if (seconds[slot] >= 0 && seconds[slot] > (long)elapsed - Window)
                total += counts[slot];
        }

        // The oldest second of the window has been counted in full, the newest only as far as it has come.
        var span = elapsed < Window ? elapsed : Window - 1 + (elapsed - Math.Floor(elapsed));
        return span > 0 ? total / span : 0;
    }
}
