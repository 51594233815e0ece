using SoupsActors.Cluster;

namespace SoupsActors.Silo.Statistics;

/// <summary>Counts what happens in ten seconds, from any thread.</summary>
internal sealed class FillingBucket(long start)
{
    private readonly int[] firstToken = new int[LatencyHistogram.Classes];
    private readonly int[] perToken = new int[LatencyHistogram.Classes];
    private long requests;
    private long errors;
    private long answers;
    private long failedAnswers;
    private long outputTokens;
    private long promptTokens;
    private long steps;
    private long rows;
    private long mixes;
    private long expertUses;
    private long expertLoads;
    private int queue;
    private int firstTokens;
    private int perTokens;

    public long Start { get; } = start;

    public void Request(bool isError)
    {
        Interlocked.Increment(ref requests);
        if (isError)
            Interlocked.Increment(ref errors);
    }

    public void Answer(bool isFailure)
    {
        Interlocked.Increment(ref answers);
        if (isFailure)
            Interlocked.Increment(ref failedAnswers);
    }

    public void OutputTokens(long count) => Interlocked.Add(ref outputTokens, count);

    public void PromptTokens(long count) => Interlocked.Add(ref promptTokens, count);

    public void Step(int ofRows)
    {
        Interlocked.Increment(ref steps);
        Interlocked.Add(ref rows, ofRows);
    }

    public void ExpertUses(long count) => Interlocked.Add(ref expertUses, count);

    public void ExpertLoads(long count) => Interlocked.Add(ref expertLoads, count);

    public void Mixes(int different) => Interlocked.Add(ref mixes, different);

    public void FirstToken(double seconds)
    {
        Interlocked.Increment(ref firstToken[LatencyHistogram.ClassOf(seconds)]);
        Interlocked.Increment(ref firstTokens);
    }

    public void PerToken(double seconds)
    {
        Interlocked.Increment(ref perToken[LatencyHistogram.ClassOf(seconds)]);
        Interlocked.Increment(ref perTokens);
    }

    public void Queue(int length)
    {
        for (var known = queue; length > known;)
            known = Interlocked.CompareExchange(ref queue, length, known);
    }

    public SiloBucket Read() => new()
    {
        Start = Start,
        Requests = Interlocked.Read(ref requests),
        Errors = Interlocked.Read(ref errors),
        Answers = Interlocked.Read(ref answers),
        FailedAnswers = Interlocked.Read(ref failedAnswers),
        OutputTokens = Interlocked.Read(ref outputTokens),
        PromptTokens = Interlocked.Read(ref promptTokens),
        Steps = Interlocked.Read(ref steps),
        Rows = Interlocked.Read(ref rows),
        Mixes = Interlocked.Read(ref mixes),
        ExpertUses = Interlocked.Read(ref expertUses),
        ExpertLoads = Interlocked.Read(ref expertLoads),
        Queue = Volatile.Read(ref queue),
        FirstToken = Volatile.Read(ref firstTokens) == 0 ? [] : [.. firstToken],
        PerToken = Volatile.Read(ref perTokens) == 0 ? [] : [.. perToken],
    };
}
