using SoupsActors.Reports;

namespace SoupsActors.Miniature.Experiments;

/// <summary>Something the experiment was run to find out, answered.</summary>
/// <param name="Claim">The statement, with its bound.</param>
/// <param name="Holds">Whether the run bears it out.</param>
/// <param name="Found">What was found, in a few words with numbers.</param>
public sealed record ExperimentCheck(string Claim, bool Holds, string Found);

/// <summary>
/// What an experiment found: results for programs, headline numbers for the summary line, checks, and a text with
/// tables and plots for people. Results, headlines and checks may not depend on the clock, so that equal runs give
/// equal <c>results.json</c>; the text may quote <see cref="ExperimentContext.Costs"/>, which follow it as a table.
/// </summary>
public sealed class ExperimentReport
{
    private readonly MarkdownText text = new();
    private readonly Dictionary<string, object> results = [];
    private readonly Dictionary<string, object> headlines = [];
    private readonly Dictionary<string, string> plots = [];
    private readonly List<ExperimentCheck> checks = [];

    /// <summary>What stands in <c>results.json</c> under a name.</summary>
    public IReadOnlyDictionary<string, object> Results => results;

    /// <summary>The few numbers of the summary line.</summary>
    public IReadOnlyDictionary<string, object> Headlines => headlines;

    /// <summary>Pictures by file name.</summary>
    public IReadOnlyDictionary<string, string> Plots => plots;

    /// <summary>What it was to show, and whether it does.</summary>
    public IReadOnlyList<ExperimentCheck> Checks => checks;

    /// <summary>The body of the report in Markdown.</summary>
    public string Body => text.ToString();

    /// <summary>Keeps a result for programs.</summary>
    public void Result(string name, object value) => results.Add(name, value);

    /// <summary>Puts a number, or a word, into the summary line and into the results.</summary>
    public void Headline(string name, object value)
    {
        headlines.Add(name, value);
        results.Add(name, value);
    }

    /// <summary>Answers one of the experiment's questions.</summary>
    public void Check(string claim, bool holds, string found) => checks.Add(new ExperimentCheck(claim, holds, found));

    /// <summary>Begins a section.</summary>
    public void Heading(string heading) => text.Heading(2, heading);

    /// <summary>Begins a part of a section.</summary>
    public void Subheading(string heading) => text.Heading(3, heading);

    /// <summary>Adds a paragraph of Markdown.</summary>
    public void Text(string markdown) => text.Paragraph(markdown);

    /// <summary>Adds text that a model wrote, as it is.</summary>
    public void Quote(string words) => text.Quote(words);

    /// <summary>Adds a table; cells may hold any text.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows) =>
        text.Table(columns, rows);

    /// <summary>Adds a picture, stored beside the report.</summary>
    /// <param name="name">File name without <c>.svg</c>.</param>
    /// <param name="caption">What it shows, for those who cannot see it and as a caption.</param>
    /// <param name="svg">The picture, such as <see cref="LinePlot.ToSvg"/> gives.</param>
    public void Plot(string name, string caption, string svg)
    {
        plots.Add(name + ".svg", svg);
        text.Picture(name + ".svg", caption);
    }
}
