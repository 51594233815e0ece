using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SoupsActors.Models.Inference;
using SoupsActors.Serving.Diagnostics;

namespace SoupsActors.Serving.Scheduling;

/// <summary>
/// Continuous batching: rows join and leave between steps. A row joins when a place, the blocks for its longest
/// possible answer and its experts are all to be had, and keeps them to its end, so nothing running ever waits for
/// anything.
/// </summary>
/// <remarks>
/// <see cref="Submit"/>, <see cref="Changed"/> and <see cref="Statistics"/> are safe from any thread; all else
/// belongs to the loop.
/// </remarks>
internal sealed partial class Scheduler
{
    private readonly IStepModel model;
    private readonly EngineOptions options;
    private readonly TimeProvider time;
    private readonly EngineMetrics metrics;
    private readonly ILogger logger;

    private readonly ConcurrentQueue<SequenceState> inbox = new();
    private readonly FairQueue<SequenceState> waiting = new();
    private readonly FairQueue<SequenceState> waitingInBackground = new();
    private readonly List<SequenceState> running = [];
    private readonly KvBlockPool blocks;
    private readonly ExpertResidency experts;
    private readonly MixTable mixes = new();
    private readonly StepRunner runner;
    private readonly Predicate<SequenceState> releaseIfOver;

    private readonly Lock statisticsGate = new();
    private readonly TokenRate rate;
    private EngineStatistics statistics;

    private int queued;
    private int changed;
    private volatile Func<Exception>? closed;

    public Scheduler(
        IStepModel model, EngineOptions options, TimeProvider time, EngineMetrics metrics, ILogger logger)
    {
        this.model = model;
        this.options = options;
        this.time = time;
        this.metrics = metrics;
        this.logger = logger;
        blocks = new KvBlockPool(model.BlockCount);
        experts = new ExpertResidency(model, options.MaxResidentExperts);
        runner = new StepRunner(model, options, time, metrics, logger, Fail);
        rate = new TokenRate(time);
        releaseIfOver = ReleaseIfOver;
        statistics = new EngineStatistics { FreeBlocks = blocks.Count, TotalBlocks = blocks.Count };
    }

    public EngineStatistics Statistics
    {
        get
        {
            lock (statisticsGate)
                return statistics with { TokensPerSecond = rate.PerSecond(), QueueLength = Volatile.Read(ref queued) };
        }
    }

    public int ParkedRows { get; private set; }

    /// <exception cref="EngineBusyException">The queue is full.</exception>
    public void Submit(SequenceState row)
    {
        if (Interlocked.Increment(ref queued) > options.QueueLimit)
        {
            Interlocked.Decrement(ref queued);
            throw new EngineBusyException(
                $"{options.QueueLimit} requests are waiting already, which is this engine's limit; try again later.");
        }

        inbox.Enqueue(row);
        // After Close nobody looks into the inbox any more.
        if (closed is { } reason)
            row.Fail(reason());
    }

    /// <summary>A reader has left or made room.</summary>
    public void Changed() => Volatile.Write(ref changed, 1);

    /// <summary>One step of the model; false when nothing can be done until something changes.</summary>
    public bool Step()
    {
        while (inbox.TryDequeue(out var row))
            row.Account = (row.IsBackground ? waitingInBackground : waiting).Enqueue(row.FairnessKey, row);
        if (Interlocked.Exchange(ref changed, 0) != 0)
        {
            waiting.RemoveWhere(static row => row.Answer.IsAbandoned, Leave);
            waitingInBackground.RemoveWhere(static row => row.Answer.IsAbandoned, Leave);
        }

        LookAtReaders();
        running.RemoveAll(releaseIfOver);
        Admit();
        var outcome = runner.Run(running);
        running.RemoveAll(releaseIfOver);
        Publish(outcome);
        return outcome.Rows > 0;
    }

    /// <summary>Ends every request, waiting or running, and all that come later.</summary>
    public void Close(Func<Exception> reason)
    {
        closed = reason;

        // Readers first: in an engine that has broken, what follows may fail too.
        foreach (var row in running)
            row.Fail(reason());
        while (inbox.TryDequeue(out var row))
            row.Fail(reason());
        waiting.RemoveWhere(static _ => true, row => row.Fail(reason()));
        waitingInBackground.RemoveWhere(static _ => true, row => row.Fail(reason()));
        foreach (var row in running)
            Fail(row, reason());
        running.RemoveAll(releaseIfOver);
        Interlocked.Exchange(ref queued, 0);
        Publish(default);
    }

    private int CountBackground()
    {
        var count = 0;
        foreach (var row in running)
            count += row.IsBackground ? 1 : 0;
        return count;
    }

    private int BlocksFor(int count) => (count + model.BlockTokens - 1) / model.BlockTokens;

    private void LookAtReaders()
    {
        ParkedRows = 0;
        foreach (var row in running)
        {
            if (row.Answer.IsAbandoned)
            {
                metrics.Failed(time.GetElapsedTime(row.Submitted), "cancelled");
                row.End();
            }
            else if (!row.Answer.IsFull)
            {
                row.ParkedSince = null;
            }
            else
            {
                row.ParkedSince ??= time.GetTimestamp();
                if (time.GetElapsedTime(row.ParkedSince.Value) >= options.SlowReaderTimeout)
                {
                    Fail(row, new GenerationFailedException(
                        $"Nobody has read this answer for {options.SlowReaderTimeout.TotalSeconds:0.#} s, "
                        + "so its place was freed."));
                }
                else
                {
                    ParkedRows++;
                }
            }
        }
    }

    /// <summary>
    /// Lets requests in, the fairest next; if that one must wait, so do all behind it, and none starves. Rows in the
    /// background take no place from others: they come after them, and leave half of the cache free.
    /// </summary>
    private void Admit()
    {
        var (places, background, held) = (options.MaxSequences, 0, 0);
        foreach (var row in running)
        {
            if (row.IsBackground)
            {
                background++;
                held += row.Blocks.Length;
            }
            else if (row.ParkedSince is null)
            {
                places--;
            }
        }

        while (places > 0 && waiting.TryPeek(out var row))
        {
            if (!TryAdmit(waiting, row))
                return;
            places--;
        }

        while (places > background && waiting.Count == 0 && waitingInBackground.TryPeek(out var row))
        {
            var blocksNeeded = BlocksFor(row.CacheTokens);
            if ((held > 0 && held + blocksNeeded > blocks.Count / 2) || !TryAdmit(waitingInBackground, row))
                return;
            background++;
            held += blocksNeeded;
        }
    }

    /// <summary>False where the next request must wait, and all behind it.</summary>
    private bool TryAdmit(FairQueue<SequenceState> queue, SequenceState row)
    {
        if (BlocksFor(row.CacheTokens) > blocks.FreeCount)
            return false;
        var loads = experts.Loads;
        try
        {
            if (!experts.TryLease(row.Experts, out var leases))
                return false;
            row.Leases = leases;
        }
        catch (Exception exception)
        {
            Leave(queue.Dequeue());
            Fail(row, exception);
            return true;
        }

        Leave(queue.Dequeue());
        _ = blocks.TryRent(BlocksFor(row.CacheTokens), out var rented);
        row.Blocks = rented;
        row.SharedMix = mixes.Acquire(row.Mix);
        row.Account!.Running++;
        row.Account.Used += row.KnownLength;
        running.Add(row);
        metrics.Admitted(time.GetElapsedTime(row.Submitted), row.Experts.Length, (int)(experts.Loads - loads));
        return true;
    }

    private void Leave(SequenceState row) => Interlocked.Decrement(ref queued);

    private void Fail(SequenceState row, Exception exception)
    {
        LogRequestFailed(exception, exception.GetType().Name);
        metrics.Failed(time.GetElapsedTime(row.Submitted), exception.GetType().Name);
        row.Fail(exception);
    }

    private bool ReleaseIfOver(SequenceState row)
    {
        if (!row.IsOver)
            return false;
        blocks.Return(row.Blocks);
        experts.Release(row.Leases);
        mixes.Release(row.SharedMix!);
        row.Account!.Running--;
        return true;
    }

    private void Publish(StepOutcome outcome)
    {
        lock (statisticsGate)
        {
            rate.Add(outcome.Generated);
            statistics = statistics with
            {
                RunningRows = running.Count,
                BackgroundRows = CountBackground(),
                ParkedRows = ParkedRows,
                FreeBlocks = blocks.FreeCount,
                ResidentExperts = experts.Count,
                ResidentHashes = experts.Hashes,
                LeasedExperts = experts.CountLeased(),
            };
            if (outcome.Rows == 0)
                return;
            statistics = statistics with
            {
                LastBatchRows = outcome.Rows,
                LastBatchTokens = outcome.Tokens,
                LastBatchMixes = outcome.Mixes,
                Steps = statistics.Steps + 1,
                GeneratedTokens = statistics.GeneratedTokens + outcome.Generated,
            };
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A request failed: {ErrorType}")]
    private partial void LogRequestFailed(Exception exception, string errorType);
}
