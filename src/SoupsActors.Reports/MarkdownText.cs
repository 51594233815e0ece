using System.Text;

namespace SoupsActors.Reports;

/// <summary>Writes Markdown block by block, with an empty line between blocks.</summary>
public sealed class MarkdownText
{
    private readonly StringBuilder text = new();

    /// <summary>A heading; level 1 is the document's title.</summary>
    public void Heading(int level, string heading) => Block($"{new string('#', level)} {heading}");

    /// <summary>Markdown as it is.</summary>
    public void Paragraph(string markdown) => Block(markdown);

    /// <summary>A picture with a caption, which is also its text for those who cannot see it.</summary>
    public void Picture(string file, string caption) => Block($"![{Escape(caption)}]({file})\n\n*{Escape(caption)}*");

    /// <summary>Words that are nobody's markup, set off from the rest.</summary>
    public void Quote(string words) =>
        Block(string.Join('\n', words.Split('\n').Select(line => $"> {Escape(line)}".TrimEnd())));

    /// <summary>A table; cells may hold any text.</summary>
    /// <exception cref="ArgumentException">A row has more or fewer cells than there are columns.</exception>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new StringBuilder(Row(columns)).Append("\n|");
        table.Insert(table.Length, "---|", columns.Count);
        foreach (var row in rows)
        {
            if (row.Count != columns.Count)
                throw new ArgumentException($"A row has {row.Count} cells for {columns.Count} columns.", nameof(rows));
            table.Append('\n').Append(Row(row));
        }

        Block(table.ToString());

        static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells.Select(Cell))} |";
    }

    /// <inheritdoc/>
    public override string ToString() => text.ToString();

    private void Block(string block)
    {
        if (text.Length > 0)
            text.Append('\n');
        text.Append(block).Append('\n');
    }

    private static string Cell(string content) =>
        Escape(content).Replace("|", "\\|", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal)
            .Replace("\n", "<br>", StringComparison.Ordinal);

    /// <summary>Keeps words of a model or a caption from being read as markup.</summary>
    private static string Escape(string content)
    {
        var escaped = new StringBuilder(content.Length);
        foreach (var c in content)
        {
            if (c is '\\' or '`' or '*' or '_' or '[' or ']' or '#')
                escaped.Append('\\');
            escaped.Append(c switch { '<' => "&lt;", '&' => "&amp;", _ => c.ToString() });
        }

        return escaped.ToString();
    }
}
