using System.Threading.Tasks.Sources;
using SoupsActors.Serving.Text;

namespace SoupsActors.Serving.Delivery;

/// <summary>
/// The way from the engine's loop to one reader. What has been generated since the last read gathers here and is read
/// as one update; when too much has gathered, the answer is full and its row is parked.
/// </summary>
/// <remarks>
/// One writer and one reader. The writer allocates nothing unless log-probabilities are asked for: the reader's
/// continuation is queued through this object itself, and updates are made on the reader's side.
/// </remarks>
internal sealed class Answer : IValueTaskSource<bool>, IThreadPoolWorkItem
{
    private readonly Lock gate = new();
    private readonly CharBuffer text = new();
    private readonly int[] tokens;
    private readonly List<TokenScores>? scores;
    private readonly Action changed;
    private ManualResetValueTaskSourceCore<bool> signal;
    private bool readerWaits;
    private int count;
    private Completion? completion;
    private Exception? failure;
    private volatile bool full;
    private volatile bool abandoned;

    /// <param name="capacity">Tokens that may wait before the answer is full.</param>
    /// <param name="withScores">Whether tokens come with log-probabilities.</param>
    /// <param name="changed">Called when the reader makes room or leaves.</param>
    public Answer(int capacity, bool withScores, Action changed)
    {
        tokens = new int[capacity];
        scores = withScores ? [] : null;
        this.changed = changed;
    }

    /// <summary>Whether the reader must read before the next token can be written.</summary>
    public bool IsFull => full;

    /// <summary>Whether nobody will read on.</summary>
    public bool IsAbandoned => abandoned;

    /// <summary>Adds a token with the text it releases; the last one comes with its completion.</summary>
    public void Write(int token, ReadOnlySpan<char> released, TokenScores? tokenScores, Completion? end)
    {
        lock (gate)
        {
            if (abandoned)
                return;
            tokens[count++] = token;
            text.Append(released);
            if (tokenScores is { } given)
                scores!.Add(given);
            completion = end;
            full = count == tokens.Length;
            WakeReader();
        }
    }

    /// <summary>
    /// Ends the answer with an error; what has been written is read first. Later calls change nothing.
    /// </summary>
    public void Fail(Exception exception)
    {
        lock (gate)
        {
            if (completion is not null)
                return;
            failure ??= exception;
            WakeReader();
        }
    }

    /// <summary>The reader leaves; its row is freed at the next step.</summary>
    public void Abandon()
    {
        abandoned = true;
        changed();
    }

    /// <summary>Abandons the answer and wakes its reader with the cancellation.</summary>
    public void Cancel(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            Empty();
            completion = null;
            failure = new OperationCanceledException(cancellationToken);
            abandoned = true;
            WakeReader();
        }

        changed();
    }

    /// <summary>Waits until <see cref="TryTake"/> has something to give or to throw.</summary>
    public ValueTask<bool> WaitAsync()
    {
        lock (gate)
        {
            if (HasNews)
                return new ValueTask<bool>(true);
            signal.Reset();
            readerWaits = true;
            return new ValueTask<bool>(this, signal.Version);
        }
    }

    /// <summary>All that has gathered, or null; throws the failure once everything before it has been read.</summary>
    public GenerationUpdate? TryTake()
    {
        GenerationUpdate update;
        bool wasFull;
        lock (gate)
        {
            if (!HasNews)
                return null;
            if (count == 0 && failure is not null)
                throw failure;
            update = MakeUpdate();
            wasFull = full;
            Empty();
        }

        if (wasFull)
            changed();
        return update;
    }

    /// <summary>
    /// Drops what has gathered; true once the answer has ended. For measurements that want no updates.
    /// </summary>
    public bool Skip()
    {
        lock (gate)
        {
            if (failure is not null)
                throw failure;
            Empty();
            return completion is not null;
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token) => signal.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => signal.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        signal.OnCompleted(continuation, state, token, flags);

    void IThreadPoolWorkItem.Execute() => signal.SetResult(true);

    private bool HasNews => count > 0 || completion is not null || failure is not null;

    private void WakeReader()
    {
        if (!readerWaits)
            return;
        readerWaits = false;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void Empty()
    {
        count = 0;
        text.Clear();
        scores?.Clear();
        full = false;
    }

    private GenerationUpdate MakeUpdate() => new()
    {
        Text = text.Length == 0 ? "" : text.ToString(),
        Tokens = tokens[..count],
        LogProbabilities = scores is null ? null : [.. scores.Select(s => s.Chosen)],
        TopLogProbabilities = scores is null ? null : [.. scores.Select(s => s.Top)],
        FinishReason = completion?.Reason,
        Usage = completion?.Usage,
        Seed = completion?.Seed,
    };
}
