using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace SoupsActors.Grains.Trainings.Work;

/// <summary>
/// A thread of its own for training, at lower priority. Awaits of what runs there come back to it, so that no part of a
/// loop computes on a thread that users wait for. Threads it starts inherit its priority where the operating system is
/// Linux.
/// </summary>
internal static class TrainingThread
{
    /// <summary>Runs work to its end.</summary>
    /// <param name="niceness">0 to 19; how much more than the process the thread gives way.</param>
    /// <param name="work">Told whether the thread gives way by itself.</param>
    public static Task<T> RunAsync<T>(int niceness, Func<bool, Task<T>> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => Run(niceness, work, result)) { IsBackground = true, Name = "soups-training" };
        thread.Start();
        return result.Task;
    }

    private static void Run<T>(int niceness, Func<bool, Task<T>> work, TaskCompletionSource<T> result)
    {
        var lowered = Lower(niceness);
        using var queue = new BlockingCollection<(SendOrPostCallback Callback, object? State)>();
        SynchronizationContext.SetSynchronizationContext(new Context(queue));
        Task<T> task;
        try
        {
            task = work(lowered);
        }
        catch (Exception error)
        {
            result.SetException(error);
            return;
        }

        _ = task.ContinueWith(
            static (_, queue) => ((BlockingCollection<(SendOrPostCallback, object?)>)queue!).CompleteAdding(),
            queue, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        foreach (var (callback, state) in queue.GetConsumingEnumerable())
            callback(state);
        result.SetFromTask(task);
    }

    private static bool Lower(int niceness)
    {
        if (niceness == 0)
            return true;
        if (!OperatingSystem.IsLinux())
        {
            // Helps this thread, not those it starts.
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
            return false;
        }

        try
        {
            // On Linux it concerns the calling thread alone (nice(2), "C library/kernel differences").
            return Nice(niceness) != -1;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "nice")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Nice(int increment);

    private sealed class Context(BlockingCollection<(SendOrPostCallback Callback, object? State)> queue)
        : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
            try
            {
                queue.Add((d, state));
            }
            catch (InvalidOperationException)
            {
                // The work has ended; what still comes back concerns nobody but itself.
                ThreadPool.QueueUserWorkItem(static call => call.d(call.state), (d, state), preferLocal: false);
            }
        }

        public override SynchronizationContext CreateCopy() => this;
    }
}
