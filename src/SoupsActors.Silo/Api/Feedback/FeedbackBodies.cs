using SoupsActors.Feedback;

namespace SoupsActors.Silo.Api.Feedback;

/// <summary>What became of one event.</summary>
internal sealed record FeedbackResultBody(
    int Index, string OperationId, string Status, FeedbackErrorBody? Error, string Object = "feedback.result")
{
    public static FeedbackResultBody Of(FeedbackResult result, int index) => new(
        index,
        result.OperationId,
        result.Status switch
        {
            FeedbackStatus.Accepted => "accepted",
            FeedbackStatus.Duplicate => "duplicate",
            _ => "refused",
        },
        result.Error is { } e ? new FeedbackErrorBody(e.Message, e.Code, e.Param) : null);
}

/// <summary>Why an event was refused.</summary>
internal sealed record FeedbackErrorBody(string Message, string Code, string? Param);

/// <summary>What became of a batch.</summary>
internal sealed record FeedbackBatchBody(
    int Accepted, int Duplicates, int Refused, FeedbackResultBody[] Results, string Object = "feedback.results")
{
    public static FeedbackBatchBody Of(FeedbackResult[] results) => new(
        results.Count(r => r.Status == FeedbackStatus.Accepted),
        results.Count(r => r.Status == FeedbackStatus.Duplicate),
        results.Count(r => r.Status == FeedbackStatus.Refused),
        [.. results.Select(FeedbackResultBody.Of)]);
}

/// <summary>How much feedback there is of one kind for one preference.</summary>
internal sealed record FeedbackCountBody(string? Preference, string Kind, long Events, long Comparisons, long Last)
{
    public static FeedbackCountBody Of(FeedbackCount count) =>
        new(count.Preference, count.Kind, count.Events, count.Comparisons, count.Last);
}
