using SoupsActors.Cluster;

namespace SoupsActors.Grains.Cluster;

/// <summary>Adds up what silos did, over silos and over time.</summary>
internal sealed class ServingSums
{
    private readonly long[] firstToken = new long[LatencyHistogram.Classes];
    private readonly long[] perToken = new long[LatencyHistogram.Classes];
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

    public void Add(SiloBucket bucket)
    {
        requests += bucket.Requests;
        errors += bucket.Errors;
        answers += bucket.Answers;
        failedAnswers += bucket.FailedAnswers;
        outputTokens += bucket.OutputTokens;
        promptTokens += bucket.PromptTokens;
        steps += bucket.Steps;
        rows += bucket.Rows;
        mixes += bucket.Mixes;
        expertUses += bucket.ExpertUses;
        expertLoads += bucket.ExpertLoads;
        queue = Math.Max(queue, bucket.Queue);
        LatencyHistogram.Add(firstToken, bucket.FirstToken);
        LatencyHistogram.Add(perToken, bucket.PerToken);
    }

    /// <param name="start">Beginning of the span, in seconds since 1970.</param>
    /// <param name="seconds">Its length, above 0.</param>
    public ServingFigures Over(long start, double seconds) => new()
    {
        Start = DateTimeOffset.FromUnixTimeSeconds(start),
        RequestsPerSecond = requests / seconds,
        ErrorShare = Ratio(errors, requests),
        AnswersPerSecond = answers / seconds,
        FailedAnswerShare = Ratio(failedAnswers, answers),
        TokensPerSecond = outputTokens / seconds,
        PromptTokensPerSecond = promptTokens / seconds,
        QueueLength = queue,
        BatchRows = Ratio(rows, steps),
        BatchMixes = Ratio(mixes, steps),
        ExpertLoadShare = Ratio(expertLoads, expertUses),
        FirstToken = Of(firstToken),
        PerToken = Of(perToken),
    };

    private static double? Ratio(long part, long whole) => whole > 0 ? (double)part / whole : null;

    private static Percentiles? Of(long[] counts) => LatencyHistogram.Percentile(counts, 0.5) is { } half
        ? new Percentiles(
            half, LatencyHistogram.Percentile(counts, 0.95)!.Value, LatencyHistogram.Percentile(counts, 0.99)!.Value)
        : null;
}
