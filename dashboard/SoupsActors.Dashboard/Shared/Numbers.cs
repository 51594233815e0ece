using System.Globalization;

namespace SoupsActors.Dashboard.Shared;

/// <summary>Writes numbers so that people read them: three digits that count, and a unit.</summary>
public static class Numbers
{
    private const string None = "–";
    private const string Thin = "\u202F";

    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>Digits and unit as one text.</summary>
    public static string Format(double? value, string unit = "")
    {
        var (digits, shown) = Split(value, unit);
        return shown.Length == 0 ? digits : shown == "%" ? digits + shown : $"{digits} {shown}";
    }

    /// <summary>Digits, and the unit that fits their size.</summary>
    /// <param name="value">The value; null, NaN and infinities are a dash without a unit.</param>
    /// <param name="unit">
    /// <c>B</c> becomes KiB, MiB …; <c>s</c> becomes µs, ms, min, h or d; <c>share</c> becomes a percentage; any other
    /// stays as it is.
    /// </param>
    public static (string Digits, string Unit) Split(double? value, string unit = "")
    {
        ArgumentNullException.ThrowIfNull(unit);
        if (value is not { } number || !double.IsFinite(number))
            return (None, "");
        return unit switch
        {
            "B" => Bytes(number),
            "s" => Seconds(number),
            "share" => (Digits(number * 100), "%"),
            _ => (Digits(number), unit),
        };
    }

    private static (string, string) Bytes(double value)
    {
        var power = 0;
        while (Math.Abs(value) >= 1023.5 && power < ByteUnits.Length - 1)
        {
            value /= 1024;
            power++;
        }

        return (power == 0 ? Digits(Math.Round(value)) : Digits(value), ByteUnits[power]);
    }

    private static (string, string) Seconds(double value) => Math.Abs(value) switch
    {
        0 => ("0", "s"),
        < 0.001 => (Digits(value * 1e6), "µs"),
        < 1 => (Digits(value * 1e3), "ms"),
        < 120 => (Digits(value), "s"),
        < 7200 => (Digits(value / 60), "min"),
        < 172_800 => (Digits(value / 3600), "h"),
        _ => (Digits(value / 86_400), "d"),
    };

    // Three digits that count, whole thousands apart; what rounds to nothing is 0, never -0.
    private static string Digits(double value)
    {
        var format = Math.Abs(value) switch
        {
            >= 99.95 => "#,##0",
            >= 9.995 => "0.#",
            >= 0.9995 => "0.##",
            >= 0.0005 => "0.###",
            _ => "0",
        };
        if (Math.Abs(value) is > 0 and < 0.0005)
            return value.ToString("0.0e0", CultureInfo.InvariantCulture);
        return value.ToString(format, CultureInfo.InvariantCulture).Replace(",", Thin, StringComparison.Ordinal);
    }
}
