using SoupsActors.Learning.Data;
using SoupsActors.Learning.Data.Datasets;
using Spectre.Console;

namespace SoupsActors.Cli.Learning;

/// <summary>The rows of a file that a training uses, and what became of the others.</summary>
internal sealed class LearnData
{
    private const int ShownProblems = 5;

    private LearnData(List<DatasetRow> rows, DatasetReport report)
    {
        Rows = rows;
        Report = report;
    }

    public IReadOnlyList<DatasetRow> Rows { get; }

    public DatasetReport Report { get; }

    /// <summary>All comparisons that the rows hold.</summary>
    public IReadOnlyList<Comparison> Comparisons => [.. Rows.SelectMany(r => r.Comparisons())];

    /// <summary>Answers worth imitating: those preferred, and those called good.</summary>
    public IReadOnlyList<LabelledAnswer> GoodAnswers =>
    [
        .. Rows.SelectMany(row => row is LabelledRow labelled
            ? labelled.Label ? [labelled.ToLabelled()] : (IEnumerable<LabelledAnswer>)[]
            : row.Comparisons().Select(c => new LabelledAnswer(c.Prompt, c.Chosen, true) { Earlier = c.Earlier })),
    ];

    /// <summary>Reads a file, and says on the console which entries could not be used.</summary>
    public static async Task<LearnData> ReadAsync(
        IAnsiConsole console, LearnSettings settings, CancellationToken cancellation)
    {
        var report = new DatasetReport();
        var rows = new List<DatasetRow>();
        await using var file = File.OpenRead(settings.Data);
        await foreach (var row in DatasetReader.ReadAsync(file, new DatasetOptions(), report, cancellation))
        {
            if (settings.Preference is null || row.Preference is null || row.Preference == settings.Preference)
                rows.Add(row);
        }

        if (settings.Json)
            return new LearnData(rows, report);
        if (report.Bad > 0)
            console.WriteLine($"{report.Bad} of {report.Entries} entries cannot be used:");
        foreach (var problem in report.Problems.Take(ShownProblems))
            console.WriteLine($"  line {problem.Line} {problem.Reason}");
        return new LearnData(rows, report);
    }
}
