using System.Text.Json;

namespace SoupsActors.Learning.Data.Datasets;

/// <summary>
/// UltraFeedback (Cui et al. 2023): an instruction and completions, each with marks from 1 to 5 by aspect, written as
/// text, and an overall score from 1 to 10.
/// </summary>
internal static class UltraFeedbackEntry
{
    private const string Overall = "overall";

    public static IEnumerable<DatasetRow> Parse(JsonElement entry, DatasetOptions options, DatasetReport report)
    {
        var prompt = entry.NonEmptyText("instruction");
        var answers = new List<RatedAnswer>();
        foreach (var completion in entry.List("completions"))
        {
            var ratings = options.Aspect == Overall ? OverallOf(completion, report) : AspectsOf(completion, options.Aspect);
            if (ratings.Count == 0)
                report.Skip("a completion without a mark");
            else if (string.IsNullOrWhiteSpace(completion.Text("response")))
                report.Skip("a completion without a text");
            else
                answers.Add(new RatedAnswer(completion.Text("response"), ratings));
        }

        if (answers.Count == 0)
            throw new DatasetEntryException("has no completion with a text and a mark");
        var best = options.Aspect == Overall ? 10 : 5;
        if (answers.Exists(a => a.Ratings.Values.Any(mark => mark < 1 || mark > best)))
            throw new DatasetEntryException($"has a mark outside of 1 to {best}");
        var source = "ultrafeedback" + (entry.OptionalText("source") is { } part ? "/" + part : "");
        return [new RatedRow(prompt, [], answers) { Best = best, Source = source }];
    }

    private static Dictionary<string, double> AspectsOf(JsonElement completion, string? wanted)
    {
        var marks = new Dictionary<string, double>(StringComparer.Ordinal);
        var annotations = completion.Field("annotations");
        if (annotations.ValueKind != JsonValueKind.Object)
            throw new DatasetEntryException("has `annotations` that are no object");
        foreach (var aspect in annotations.EnumerateObject().Where(a => wanted is null || a.NameEquals(wanted)))
        {
            if (aspect.Value.Field("Rating").Mark(aspect.Name) is { } mark)
                marks[aspect.Name] = mark;
        }

        return marks;
    }

    // In 2,628 completions of the first release an overall score of 10 stands for 1. The aspects tell which: a mean of at
    // most 2 means 1, one above 4 means 10, and what lies between cannot be known without asking again.
    private static Dictionary<string, double> OverallOf(JsonElement completion, DatasetReport report)
    {
        var name = completion.TryGetProperty("overall_score", out _) ? "overall_score" : "overall score";
        if (completion.Field(name).Mark(name) is not { } score)
            return [];
        if (score == 10 && AspectsOf(completion, null) is { Count: > 0 } aspects)
        {
            var mean = aspects.Values.Average();
            if (mean <= 2)
            {
                score = 1;
            }
            else if (mean <= 4)
            {
                report.Skip("an overall score of 10 that the aspects contradict");
                return [];
            }
        }

        return new Dictionary<string, double>(StringComparer.Ordinal) { [Overall] = score };
    }
}
