using SoupsActors.Cluster;
using SoupsActors.Dashboard.Shared;

namespace SoupsActors.Dashboard.Pages.Overview;

/// <summary>A chart of the last hour; its x axis counts the minutes before the newest span.</summary>
internal sealed record HistoryChart(string Title, string Unit, IReadOnlyList<ChartSeries> Series)
{
    public static IReadOnlyList<HistoryChart> Of(IReadOnlyList<ServingFigures> history)
    {
        var end = history.Count == 0 ? default : history[^1].Start;
        return
        [
            new("Tokens per second", "/s",
                [Line("generated", f => f.TokensPerSecond), Line("of prompts", f => f.PromptTokensPerSecond)]),
            new("Requests per second", "/s",
                [Line("requests", f => f.RequestsPerSecond), Line("answers", f => f.AnswersPerSecond)]),
            new("Time to first token", "s", Times(f => f.FirstToken)),
            new("Time per output token", "s", Times(f => f.PerToken)),
            new("Rows and mixes in a batch", "",
                [Line("rows", f => f.BatchRows), Line("different mixes", f => f.BatchMixes)]),
            new("Longest queue", "", [Line("waiting", f => f.QueueLength)]),
            new("Share that failed", "share",
                [Line("of requests", f => f.ErrorShare), Line("of answers", f => f.FailedAnswerShare)]),
        ];

        ChartSeries Line(string name, Func<ServingFigures, double?> value) =>
            new(name, [.. history.Select(f => ((f.Start - end).TotalMinutes, value(f)))]);

        ChartSeries[] Times(Func<ServingFigures, Percentiles?> times) =>
        [
            Line("p50", f => times(f)?.P50), Line("p95", f => times(f)?.P95), Line("p99", f => times(f)?.P99),
        ];
    }
}
