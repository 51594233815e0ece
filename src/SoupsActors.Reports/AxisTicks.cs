using System.Globalization;

namespace SoupsActors.Reports;

/// <summary>
/// The marks of an axis at round numbers: 1, 2 or 5 times a power of ten apart (Heckbert, "Nice numbers for graph
/// labels", Graphics Gems 1990), or at powers of two.
/// </summary>
internal sealed class AxisTicks
{
    /// <summary>A range this small beside its values cannot be told apart in double precision.</summary>
    private const double SmallestRange = 1e-9;

    private readonly bool logarithmic;
    private readonly string format;

    private AxisTicks(double low, double high, double[] values, bool logarithmic, string format)
    {
        Low = low;
        High = high;
        Values = values;
        this.logarithmic = logarithmic;
        this.format = format;
    }

    /// <summary>The value at the beginning of the axis.</summary>
    public double Low { get; }

    /// <summary>The value at its end, greater than <see cref="Low"/>.</summary>
    public double High { get; }

    /// <summary>Where the marks are, ascending, all from <see cref="Low"/> to <see cref="High"/>.</summary>
    public IReadOnlyList<double> Values { get; }

    /// <summary>
    /// An axis over finite values that ends at marks, except where an end is given. No value makes it 0 to 1; a single
    /// value gets room on both sides.
    /// </summary>
    public static AxisTicks Linear(IEnumerable<double> values, double? low = null, double? high = null, int about = 6)
    {
        var finite = values.Where(double.IsFinite).DefaultIfEmpty(low ?? (high is null ? 0 : high.Value - 1)).ToArray();
        var from = low ?? finite.Min();
        var to = high ?? (finite.Length == 1 && finite[0] == 0 && low is null ? 1 : finite.Max());
        if (to - from <= SmallestRange * Math.Max(Math.Abs(from), Math.Abs(to)))
        {
            var room = from == 0 ? 1 : 0.1 * Math.Abs(from);
            from = low ?? from - (high is null ? room : 2 * room);
            to = high ?? from + 2 * room;
        }

        var step = RoundStep((to - from) / about);
        // A hair of tolerance keeps a value that lies on a mark from asking for one more.
        var first = low is null ? Math.Floor(from / step + 1e-9) : Math.Ceiling(from / step - 1e-9);
        var last = high is null ? Math.Ceiling(to / step - 1e-9) : Math.Floor(to / step + 1e-9);
        var marks = new double[(int)(last - first) + 1];
        var digits = Math.Clamp(-(int)Math.Floor(Math.Log10(step) + 1e-9), 0, 15);
        for (var i = 0; i < marks.Length; i++)
            marks[i] = digits == 0 || step < 1e-12 ? (first + i) * step : Math.Round((first + i) * step, digits);
        var largest = Math.Max(Math.Abs(from), Math.Abs(to));
        var pattern = largest >= 1e7 || step < 1e-6 ? "0.####E+0" : "F" + digits.ToString(CultureInfo.InvariantCulture);
        return new AxisTicks(low ?? marks[0], high ?? marks[^1], marks, logarithmic: false, pattern);
    }

    /// <summary>An axis with marks at powers of two around positive values; others have no place on it.</summary>
    public static AxisTicks PowersOfTwo(IEnumerable<double> values)
    {
        var positive = values.Where(v => double.IsFinite(v) && v > 0).DefaultIfEmpty(1).ToArray();
        var first = (int)Math.Floor(Math.Log2(positive.Min()) + 1e-9);
        var last = Math.Max(first + 1, (int)Math.Ceiling(Math.Log2(positive.Max()) - 1e-9));
        var stride = (last - first + 11) / 12;
        var marks = new List<double>();
        for (var power = first; power < last + stride; power += stride)
            marks.Add(Math.Pow(2, power));
        return new AxisTicks(marks[0], marks[^1], [.. marks], logarithmic: true, "G6");
    }

    /// <summary>How far along the axis a value lies: 0 at <see cref="Low"/>, 1 at <see cref="High"/>.</summary>
    public double Share(double value) => logarithmic
        ? Math.Log2(value / Low) / Math.Log2(High / Low)
        : (value - Low) / (High - Low);

    /// <summary>What is written at a mark.</summary>
    public string Label(double mark)
    {
        var text = mark.ToString(format, CultureInfo.InvariantCulture);
        return text.TrimStart('-').All(c => c is '0' or '.') ? text.TrimStart('-') : text;
    }

    private static double RoundStep(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch
        {
            <= 1.0000001 => power,
            <= 2.0000001 => 2 * power,
            <= 5.0000001 => 5 * power,
            _ => 10 * power,
        };
    }
}
