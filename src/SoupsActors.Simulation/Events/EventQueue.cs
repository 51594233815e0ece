namespace SoupsActors.Simulation.Events;

/// <summary>
/// When each of a fixed number of sources acts next: a binary heap that knows where each source is, so that a time that
/// changes costs O(log n) and nothing is allocated. Equal times come in the order of the sources' numbers.
/// </summary>
internal sealed class EventQueue
{
    private readonly int[] heap;
    private readonly int[] position;
    private readonly double[] times;

    /// <summary>All sources begin with nothing to do.</summary>
    public EventQueue(int sources)
    {
        heap = new int[sources];
        position = new int[sources];
        times = new double[sources];
        for (var i = 0; i < sources; i++)
            (heap[i], position[i], times[i]) = (i, i, double.PositiveInfinity);
    }

    /// <summary>The source that acts next.</summary>
    public int Next => heap[0];

    /// <summary>When it does, in seconds; infinite where none has anything to do.</summary>
    public double NextTime => times[heap[0]];

    /// <summary>Sets when a source acts; infinity for never.</summary>
    public void Set(int source, double time)
    {
        times[source] = time;
        Up(position[source]);
        Down(position[source]);
    }

    private bool Before(int a, int b) => times[a] < times[b] || (times[a] == times[b] && a < b);

    private void Up(int at)
    {
        var source = heap[at];
        for (; at > 0 && Before(source, heap[(at - 1) / 2]); at = (at - 1) / 2)
            Put(heap[(at - 1) / 2], at);
        Put(source, at);
    }

    private void Down(int at)
    {
        var source = heap[at];
        for (var child = 2 * at + 1; child < heap.Length; at = child, child = 2 * at + 1)
        {
            if (child + 1 < heap.Length && Before(heap[child + 1], heap[child]))
                child++;
            if (!Before(heap[child], source))
                break;
            Put(heap[child], at);
        }

        Put(source, at);
    }

    private void Put(int source, int at)
    {
        heap[at] = source;
        position[source] = at;
    }
}
