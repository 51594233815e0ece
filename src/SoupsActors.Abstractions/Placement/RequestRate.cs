namespace SoupsActors.Placement;

/// <summary>
/// Requests a second as an average that forgets with time: each event counts 1/τ and fades as exp(−t/τ), so a steady
/// rate r is reported as r.
/// </summary>
public sealed class RequestRate
{
    private readonly double memorySeconds;
    private double rate;
    private double seconds;

    /// <summary>Starts at 0.</summary>
    /// <param name="memory">τ, positive: how far back the average looks.</param>
    public RequestRate(TimeSpan memory)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(memory, TimeSpan.Zero);
        memorySeconds = memory.TotalSeconds;
    }

    /// <summary>Counts one request.</summary>
    /// <param name="now">Seconds of any clock that does not go back; what is earlier counts as the latest.</param>
    public void Add(double now) => rate = At(now) + 1 / memorySeconds;

    /// <summary>The rate, per second.</summary>
    public double At(double now)
    {
        if (now > seconds)
        {
            rate *= Math.Exp((seconds - now) / memorySeconds);
            seconds = now;
        }

        return rate;
    }
}
