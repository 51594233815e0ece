namespace SoupsActors.Simulation;

/// <summary>
/// Times in buckets that grow by one per cent: quantiles are right to half a per cent, from a microsecond to a day, in
/// constant memory.
/// </summary>
internal sealed class LatencyHistogram
{
    private const double Smallest = 1e-6;
    private const int Buckets = 2600;
    private static readonly double Growth = Math.Log(1.01);

    private readonly long[] counts = new long[Buckets];
    private double sum;

    public long Count { get; private set; }

    /// <summary>Mean in seconds, exact; 0 without values.</summary>
    public double Mean => Count == 0 ? 0 : sum / Count;

    public void Add(double seconds)
    {
        var bucket = seconds <= Smallest ? 0 : 1 + (int)(Math.Log(seconds / Smallest) / Growth);
        counts[Math.Min(bucket, Buckets - 1)]++;
        Count++;
        sum += seconds;
    }

    /// <summary>The value that a share of all are at most, in seconds; 0 without values.</summary>
    /// <param name="share">0 to 1.</param>
    public double Quantile(double share)
    {
        var rank = (long)Math.Ceiling(share * Count);
        var below = 0L;
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            below += counts[bucket];
            if (below >= rank && below > 0)
                return bucket == 0 ? 0 : Smallest * Math.Exp((bucket - 0.5) * Growth);
        }

        return 0;
    }

    public Latency ToLatency() => new(Mean, Quantile(0.5), Quantile(0.95), Quantile(0.99));
}

/// <summary>How times are distributed, in seconds.</summary>
/// <param name="Mean">Mean.</param>
/// <param name="P50">Half are at most this.</param>
/// <param name="P95">95 % are at most this.</param>
/// <param name="P99">99 % are at most this.</param>
public sealed record Latency(double Mean, double P50, double P95, double P99);
