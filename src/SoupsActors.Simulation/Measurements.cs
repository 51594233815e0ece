using SoupsActors.Simulation.Silos;
using SoupsActors.Simulation.Workload;

namespace SoupsActors.Simulation;

/// <summary>What a run notes down, from the end of the warm-up to the last request that is sent.</summary>
internal sealed class Measurements(SimulationOptions options, GeneratorSilo[] silos)
{
    /// <summary>Looking at every silo takes longer than simulating a request.</summary>
    private const int MomentEvery = 50;

    private const int MostSharesShown = 16;

    private readonly long firstMeasured = (long)(options.WarmUp * options.Requests);
    private readonly LatencyHistogram wait = new();
    private readonly LatencyHistogram firstToken = new();
    private readonly LatencyHistogram answer = new();
    private readonly long[] answers = new long[silos.Length];
    private SiloTotals[] atStart = [];
    private SiloTotals[] atEnd = [];
    private double start;
    private double end;
    private long answeredInWindow;
    private double tokensInWindow;
    private long refused;
    private long refusedMeasured;
    private long answered;
    private double imbalances;
    private long moments;

    private bool Over => atEnd.Length > 0;

    public void Sent(Arrival asked, double now)
    {
        if (asked.Number < firstMeasured)
            return;
        if (asked.Number == firstMeasured)
            (start, atStart) = (now, Totals(now));
        if (asked.Number % MomentEvery == 0)
            Moment();
        if (asked.Number == options.Requests - 1)
            (end, atEnd) = (now, Totals(now));
    }

    public void Refused(Arrival asked)
    {
        refused++;
        refusedMeasured += asked.Number >= firstMeasured ? 1 : 0;
    }

    public void Joined(in RequestState request, double now, double first)
    {
        if (request.Asked.Number < firstMeasured)
            return;
        wait.Add(now - request.Arrived);
        firstToken.Add(first - request.Arrived);
    }

    public void Answered(in RequestState request, int silo, double now)
    {
        answered++;
        if (request.Asked.Number >= firstMeasured)
            answer.Add(now - request.Arrived);
        if (atStart.Length == 0 || Over)
            return;
        answers[silo]++;
        answeredInWindow++;
        tokensInWindow += request.Asked.Tokens;
    }

    public SimulationResult Result(long sent, double activeUsers)
    {
        var of = silos.Select((_, i) => atEnd[i].Since(atStart[i])).ToArray();
        // Where all requests come at once there is no time to measure, and nothing happens a second.
        var seconds = end > start ? end - start : double.PositiveInfinity;
        var requestSeconds = of.Sum(s => s.RequestSeconds);
        var lookups = of.Sum(s => s.Lookups);
        var misses = of.Sum(s => s.Misses);
        var needed = Math.Max(1, answeredInWindow * (long)options.ExpertsPerMix);
        return new SimulationResult
        {
            Sent = sent,
            Answered = answered,
            Refused = refused,
            RefusedShare = (double)refusedMeasured / (options.Requests - firstMeasured),
            Seconds = end - start,
            AnswersPerSecond = answeredInWindow / seconds,
            TokensPerSecond = tokensInWindow / seconds,
            Wait = wait.ToLatency(),
            FirstToken = firstToken.ToLatency(),
            Answer = answer.ToLatency(),
            Lookups = lookups,
            Misses = misses,
            MissShare = (double)misses / Math.Max(1, lookups),
            BytesMoved = misses * options.ExpertBytes,
            BytesPerSecond = misses * options.ExpertBytes / seconds / silos.Length,
            PeakBytesPerSecond = of.Max(s => s.Misses) * options.ExpertBytes / seconds,
            LoadShare = (double)of.Sum(s => s.Loads) / needed,
            MeanRows = of.Sum(s => s.RowSeconds) / seconds / silos.Length,
            MeanWaiting = (requestSeconds - of.Sum(s => s.RowSeconds)) / seconds / silos.Length,
            Busy = of.Sum(s => s.BusySeconds) / seconds / silos.Length,
            Imbalance = requestSeconds > 0 ? of.Max(s => s.RequestSeconds) * silos.Length / requestSeconds : 1,
            MomentaryImbalance = moments > 0 ? imbalances / moments : 1,
            SiloShares = silos.Length <= MostSharesShown
                ? [.. answers.Select(n => (double)n / Math.Max(1, answeredInWindow))]
                : [],
            DeviceBytes = options.BaseBytes + options.Slots * options.ExpertBytes + options.Rows * options.RowBytes,
            MemoryBytes = silos.Max(s => s.Memory.Peak) * options.ExpertBytes,
            ActiveUsers = activeUsers,
            UserBytes = activeUsers * options.UserBytes,
        };
    }

    private void Moment()
    {
        var (sum, most) = (0, 0);
        foreach (var silo in silos)
        {
            var load = silo.Running + silo.Waiting;
            sum += load;
            most = Math.Max(most, load);
        }

        if (sum == 0)
            return;
        imbalances += (double)most * silos.Length / sum;
        moments++;
    }

    private SiloTotals[] Totals(double now) => [.. silos.Select(silo => SiloTotals.Of(silo, now))];

    /// <summary>What a silo has counted up since the start.</summary>
    private readonly record struct SiloTotals(
        double RowSeconds, double RequestSeconds, double BusySeconds, long Lookups, long Misses, long Loads)
    {
        public static SiloTotals Of(GeneratorSilo silo, double now)
        {
            silo.Advance(now);
            return new SiloTotals(
                silo.RowSeconds,
                silo.RequestSeconds,
                silo.BusySeconds,
                silo.Memory.Lookups,
                silo.Memory.Misses,
                silo.Device.Loads);
        }

        public SiloTotals Since(SiloTotals earlier) => new(
            RowSeconds - earlier.RowSeconds,
            RequestSeconds - earlier.RequestSeconds,
            BusySeconds - earlier.BusySeconds,
            Lookups - earlier.Lookups,
            Misses - earlier.Misses,
            Loads - earlier.Loads);
    }
}
