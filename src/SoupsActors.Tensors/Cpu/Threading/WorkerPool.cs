using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SoupsActors.Tensors.Cpu;

/// <summary>Work that splits into parts which may run at once, in any order.</summary>
internal interface IParallelWork
{
    /// <summary>Does part <paramref name="part"/>; what it computes must not depend on who runs it or when.</summary>
    void Run(int part);
}

/// <summary>
/// A fixed set of threads that help a caller through the parts of one piece of work. Parts are claimed one by one, so a
/// thread that the machine has taken away delays at most the part it holds; each result is a function of its part alone,
/// so who claims what never shows.
/// </summary>
/// <remarks>
/// Nothing is allocated per call: work is a struct on the caller's stack. Idle threads watch for work for some tens of
/// microseconds, then sleep. A second caller while the pool is busy does its work alone.
/// </remarks>
internal sealed unsafe class WorkerPool : IDisposable
{
    private const int WatchMicroseconds = 40;

    private readonly Worker[] workers;

    // Upper half: number of the current work; lower half: parts not yet claimed. One exchange claims a part of exactly the
    // work that the claimer has read, or fails; the fields below change only while nothing is left to claim.
    private long ticket;
    private int parts;
    private void* work;
    private delegate*<void*, int, void> run;
    private int finished;
    private int busy;
    private volatile bool stopping;

    public WorkerPool(int threads)
    {
        Threads = threads;
        workers = new Worker[threads - 1];
        for (var i = 0; i < workers.Length; i++)
            workers[i] = new Worker(this, i + 1);
    }

    /// <summary>Threads that work at once, the caller included.</summary>
    public int Threads { get; }

    /// <summary>Runs parts 0 … count − 1 and returns when all are done.</summary>
    public void Run<TWork>(ref TWork item, int count)
        where TWork : unmanaged, IParallelWork
    {
        if (count <= 1 || workers.Length == 0 || Interlocked.CompareExchange(ref busy, 1, 0) != 0)
        {
            for (var part = 0; part < count; part++)
                item.Run(part);
            return;
        }

        fixed (TWork* pointer = &item)
        {
            work = pointer;
            run = &Invoke<TWork>;
            parts = count;
            finished = 0;
            Volatile.Write(ref ticket, (((ticket >> 32) + 1) << 32) | (uint)count);
            Interlocked.MemoryBarrier();
            for (var i = 0; i < workers.Length && i < count - 1; i++)
                workers[i].Wake();
            while (TryRunPart())
            {
            }

            var wait = default(SpinWait);
            while (Volatile.Read(ref finished) != count)
                wait.SpinOnce(sleep1Threshold: -1);
        }

        Volatile.Write(ref busy, 0);
    }

    public void Dispose()
    {
        stopping = true;
        foreach (var worker in workers)
            worker.Dispose();
    }

    private static void Invoke<TWork>(void* item, int part)
        where TWork : unmanaged, IParallelWork =>
        ((TWork*)item)->Run(part);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryRunPart()
    {
        while (true)
        {
            var seen = Volatile.Read(ref ticket);
            var left = (int)seen;
            if (left == 0)
                return false;
            var function = run;
            var item = work;
            var part = parts - left;
            if (Interlocked.CompareExchange(ref ticket, seen - 1, seen) != seen)
                continue;
            function(item, part);
            Interlocked.Increment(ref finished);
            return true;
        }
    }

    private sealed class Worker : IDisposable
    {
        private readonly WorkerPool pool;
        private readonly SemaphoreSlim signal = new(0);
        private readonly Thread thread;
        private int asleep;

        public Worker(WorkerPool pool, int number)
        {
            this.pool = pool;
            thread = new Thread(Loop) { IsBackground = true, Name = $"soups-cpu-{number}" };
            thread.Start();
        }

        public void Wake()
        {
            if (Volatile.Read(ref asleep) == 1 && Interlocked.Exchange(ref asleep, 0) == 1)
                signal.Release();
        }

        public void Dispose()
        {
            Interlocked.MemoryBarrier();
            Wake();
            thread.Join();
            signal.Dispose();
        }

        private void Loop()
        {
            while (!pool.stopping)
            {
                while (pool.TryRunPart())
                {
                }

                if (!Watch())
                    Sleep();
            }
        }

        private bool Watch()
        {
            var seen = Volatile.Read(ref pool.ticket);
            var deadline = Stopwatch.GetTimestamp() + Stopwatch.Frequency * WatchMicroseconds / 1_000_000;
            while (Stopwatch.GetTimestamp() < deadline)
            {
                if (Volatile.Read(ref pool.ticket) != seen || pool.stopping)
                    return true;
                Thread.SpinWait(8);
            }

            return false;
        }

        private void Sleep()
        {
            var seen = Volatile.Read(ref pool.ticket);
            Volatile.Write(ref asleep, 1);
            Interlocked.MemoryBarrier();
            var claimable = (int)Volatile.Read(ref pool.ticket) != 0;
            if (claimable || Volatile.Read(ref pool.ticket) != seen || pool.stopping)
            {
                // A waker that came first has left a signal, which the next sleep would take for its own: use it up.
                if (Interlocked.Exchange(ref asleep, 0) == 0)
                    signal.Wait();
                return;
            }

            signal.Wait();
        }
    }
}
