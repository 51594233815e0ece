using System.Globalization;

namespace SoupsActors.Reports;

/// <summary>A value over weights of three parts that sum to one.</summary>
/// <param name="Name">What the value is; stands over its triangle.</param>
/// <param name="Values">One for each point of the plot, in their order.</param>
public sealed record SimplexPanel(string Name, IReadOnlyList<double> Values);

/// <summary>Heat maps over the triangle of three weights, one triangle for each value, each with its own scale.</summary>
/// <param name="title">Title.</param>
/// <param name="corners">Names of the three parts: lower left, lower right, top.</param>
/// <param name="points">Weights of a lattice on the simplex, three parts each.</param>
/// <param name="panels">What is drawn.</param>
public sealed class SimplexPlot(
    string title, IReadOnlyList<string> corners, IReadOnlyList<IReadOnlyList<double>> points, IReadOnlyList<SimplexPanel> panels)
{
    private const double Side = 210;
    private const double Gap = 90;
    private const double Top = 92;

    /// <summary>Dark to light, told apart with any colour vision and in print: stops of cividis (Nuñez et al. 2018).</summary>
    private static readonly (int R, int G, int B)[] Stops =
        [(0, 34, 78), (66, 78, 108), (124, 123, 120), (187, 174, 105), (254, 232, 56)];

    /// <summary>The picture as an SVG document.</summary>
    /// <exception cref="ArgumentException">Weights have not three parts, or a panel not one value for each point.</exception>
    public string ToSvg()
    {
        if (corners.Count != 3 || points.Any(p => p.Count != 3))
            throw new ArgumentException("A simplex plot has three corners and weights of three parts.");
        if (panels.FirstOrDefault(p => p.Values.Count != points.Count) is { } wrong)
            throw new ArgumentException($"'{wrong.Name}' has {wrong.Values.Count} values for {points.Count} points.");
        var height = Side * Math.Sqrt(3) / 2;
        using var canvas = new SvgCanvas(
            Gap + panels.Count * (Side + Gap), Top + height + 96, title, string.Join(", ", panels.Select(p => p.Name)));
        canvas.Text(24, 26, title, style: "title");
        for (var i = 0; i < panels.Count; i++)
            Draw(canvas, panels[i], Gap + i * (Side + Gap), Top + height);
        return canvas.Finish();
    }

    private void Draw(SvgCanvas canvas, SimplexPanel panel, double left, double bottom)
    {
        var height = Side * Math.Sqrt(3) / 2;
        var finite = panel.Values.Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        var (low, high) = (finite.Min(), finite.Max());
        for (var i = 0; i < points.Count; i++)
        {
            if (!double.IsFinite(panel.Values[i]))
                continue;
            var (x, y) = Place(points[i], left, bottom);
            var share = high > low ? (panel.Values[i] - low) / (high - low) : 0.5;
            canvas.Polygon(Cell(x, y), Colour(share), Tip(points[i], panel.Values[i]));
        }

        canvas.Text(left + Side / 2, 56, panel.Name, "middle");
        canvas.Text(left, bottom + 40, corners[0], "middle", "small");
        canvas.Text(left + Side, bottom + 40, corners[1], "middle", "small");
        canvas.Text(left + Side / 2 + 40, bottom - height, corners[2], "start", "small");
        Legend(canvas, left + 40, bottom + 62, low, high);
    }

    private static void Legend(SvgCanvas canvas, double left, double top, double low, double high)
    {
        const int Steps = 26;
        var step = (Side - 80) / Steps;
        for (var i = 0; i < Steps; i++)
        {
            var x = left + i * step;
            canvas.Polygon(
                [(x, top), (x + step, top), (x + step, top + 10), (x, top + 10)], Colour((double)i / (Steps - 1)));
        }

        canvas.Text(left - 6, top + 9, Figure(low), "end", "small");
        canvas.Text(left + Side - 74, top + 9, Figure(high), "start", "small");
    }

    private static (double X, double Y) Place(IReadOnlyList<double> weights, double left, double bottom) =>
        (left + Side * (weights[1] + weights[2] / 2), bottom - Side * Math.Sqrt(3) / 2 * weights[2]);

    /// <summary>The hexagon of places that are nearest to a point of the lattice.</summary>
    private IEnumerable<(double X, double Y)> Cell(double x, double y)
    {
        var spacing = points.SelectMany(p => p).Where(w => w > 0).Min() * Side;
        var radius = spacing / Math.Sqrt(3);
        for (var corner = 0; corner < 6; corner++)
        {
            var angle = Math.PI / 3 * corner + Math.PI / 6;
            yield return (x + radius * Math.Cos(angle), y + radius * Math.Sin(angle));
        }
    }

    private string Tip(IReadOnlyList<double> weights, double value) =>
        $"{string.Join(", ", corners.Zip(weights, (c, w) => $"{c} {Figure(w)}"))}: {Figure(value)}";

    private static string Colour(double share)
    {
        var at = Math.Clamp(share, 0, 1) * (Stops.Length - 1);
        var index = Math.Min((int)at, Stops.Length - 2);
        var (from, to, part) = (Stops[index], Stops[index + 1], at - index);
        return $"#{Mix(from.R, to.R):x2}{Mix(from.G, to.G):x2}{Mix(from.B, to.B):x2}";

        int Mix(int a, int b) => (int)Math.Round(a + part * (b - a));
    }

    private static string Figure(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
