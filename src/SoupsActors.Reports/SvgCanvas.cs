using System.Globalization;
using System.Text;
using System.Xml;

namespace SoupsActors.Reports;

/// <summary>
/// Writes one SVG picture: well-formed whatever the texts hold, and readable on light and dark pages because it brings
/// its own background and follows the reader's colour scheme.
/// </summary>
internal sealed class SvgCanvas : IDisposable
{
    /// <summary>Colours of series that people with any colour vision tell apart, on light and on dark.</summary>
    private static readonly string[] Colours =
        ["#0072b2", "#d55e00", "#009e73", "#b45f9a", "#c98a00", "#3fa7d6", "#7f7f7f", "#8c564b"];

    private static readonly string Style =
        """
        .page{fill:#ffffff}
        .text{fill:#24292f;font-family:system-ui,'Segoe UI',Helvetica,Arial,sans-serif;font-size:12px}
        .title{font-size:15px;font-weight:600}
        .small{font-size:11px}
        .grid{stroke:#d8dee4;stroke-width:1}
        .axis{stroke:#57606a;stroke-width:1.2}
        .guide{stroke:#57606a;stroke-width:1.2;stroke-dasharray:5 4}
        @media(prefers-color-scheme:dark){
        .page{fill:#0d1117}.text{fill:#e6edf3}.grid{stroke:#30363d}.axis,.guide{stroke:#8b949e}
        }
        """.Replace("\n", "", StringComparison.Ordinal);

    private readonly StringBuilder text = new();
    private readonly XmlWriter xml;

    public SvgCanvas(double width, double height, string title, string description)
    {
        xml = XmlWriter.Create(text, new XmlWriterSettings
        {
            OmitXmlDeclaration = true,
            Indent = true,
            IndentChars = " ",
            NewLineChars = "\n",
        });
        xml.WriteStartElement("svg", "http://www.w3.org/2000/svg");
        Attributes(
            ("viewBox", $"0 0 {Number(width)} {Number(height)}"),
            ("width", Number(width)),
            ("height", Number(height)),
            ("role", "img"));
        xml.WriteElementString("title", Clean(title));
        xml.WriteElementString("desc", Clean(description));
        var palette = string.Concat(
            Colours.Select((c, i) => $".s{i}{{stroke:{c};fill:{c}}}.l{i}{{stroke:{c};fill:none;stroke-width:2}}"));
        xml.WriteElementString("style", Style + palette);
        Rectangle(0, 0, width, height, "page");
    }

    /// <summary>Class of filled shapes of a series.</summary>
    public static string Fill(int series) => "s" + Number(series % Colours.Length);

    /// <summary>Class of lines of a series.</summary>
    public static string Stroke(int series) => "l" + Number(series % Colours.Length);

    public void Line(double x1, double y1, double x2, double y2, string style) =>
        Shape("line", style, null, ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)));

    public void Polyline(IEnumerable<(double X, double Y)> points, string style, bool dashed)
    {
        var coordinates = string.Join(' ', points.Select(p => $"{Number(p.X)},{Number(p.Y)}"));
        if (dashed)
            Shape("polyline", style, null, ("points", coordinates), ("stroke-dasharray", "6 4"));
        else
            Shape("polyline", style, null, ("points", coordinates));
    }

    public void Rectangle(double x, double y, double width, double height, string style, string? tip = null) => Shape(
        "rect", style, tip, ("x", Number(x)), ("y", Number(y)), ("width", Number(width)), ("height", Number(height)));

    /// <summary>A filled shape in a colour of its own, such as a cell of a heat map.</summary>
    public void Polygon(IEnumerable<(double X, double Y)> corners, string colour, string? tip = null) => Shape(
        "polygon",
        "cell",
        tip,
        ("points", string.Join(' ', corners.Select(c => $"{Number(c.X)},{Number(c.Y)}"))),
        ("fill", colour));

    /// <summary>The marker of a series: shapes differ, so that colour is not all that tells series apart.</summary>
    public void Marker(int series, double x, double y, string? tip = null)
    {
        const double R = 4;
        switch (series % 4)
        {
            case 0:
                Shape("circle", Fill(series), tip, ("cx", Number(x)), ("cy", Number(y)), ("r", Number(R)));
                break;
            case 1:
                Rectangle(x - R, y - R, 2 * R, 2 * R, Fill(series), tip);
                break;
            case 2:
                Polygon((x, y - 1.3 * R), (x + 1.2 * R, y + R), (x - 1.2 * R, y + R));
                break;
            default:
                Polygon((x, y - 1.4 * R), (x + 1.4 * R, y), (x, y + 1.4 * R), (x - 1.4 * R, y));
                break;
        }

        void Polygon(params (double X, double Y)[] corners)
        {
            var points = string.Join(' ', corners.Select(c => $"{Number(c.X)},{Number(c.Y)}"));
            Shape("polygon", Fill(series), tip, ("points", points));
        }
    }

    /// <param name="x">Where <paramref name="anchor"/> is.</param>
    /// <param name="y">The baseline.</param>
    /// <param name="content">Any text.</param>
    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    /// <param name="style">Further classes.</param>
    /// <param name="turn">Degrees clockwise around the point.</param>
    public void Text(double x, double y, string content, string anchor = "start", string style = "", double turn = 0)
    {
        xml.WriteStartElement("text");
        Attributes(("x", Number(x)), ("y", Number(y)), ("class", $"text {style}".TrimEnd()), ("text-anchor", anchor));
        if (turn != 0)
            xml.WriteAttributeString("transform", $"rotate({Number(turn)} {Number(x)} {Number(y)})");
        xml.WriteString(Clean(content));
        xml.WriteEndElement();
    }

    /// <summary>About how wide a text of 12 pixels is; fonts differ from reader to reader.</summary>
    public static double Width(string content) => 6.6 * content.Length;

    /// <summary>Ends the picture.</summary>
    public string Finish()
    {
        xml.WriteEndElement();
        xml.Flush();
        return text.Append('\n').ToString();
    }

    public void Dispose() => xml.Dispose();

    private void Shape(string element, string style, string? tip, params (string Name, string Value)[] attributes)
    {
        xml.WriteStartElement(element);
        Attributes(attributes);
        xml.WriteAttributeString("class", style);
        if (tip is not null)
            xml.WriteElementString("title", Clean(tip));
        xml.WriteEndElement();
    }

    private void Attributes(params (string Name, string Value)[] attributes)
    {
        foreach (var (name, value) in attributes)
            xml.WriteAttributeString(name, value);
    }

    /// <summary>Characters that XML cannot hold at all become the replacement character.</summary>
    private static string Clean(string content)
    {
        var clean = new StringBuilder(content.Length);
        for (var i = 0; i < content.Length; i++)
        {
            var pair = i + 1 < content.Length && XmlConvert.IsXmlSurrogatePair(content[i + 1], content[i]);
            clean.Append(pair || XmlConvert.IsXmlChar(content[i]) ? content[i] : '\uFFFD');
            if (pair)
                clean.Append(content[++i]);
        }

        return clean.ToString();
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
