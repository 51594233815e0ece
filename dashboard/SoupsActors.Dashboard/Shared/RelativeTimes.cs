using System.Globalization;

namespace SoupsActors.Dashboard.Shared;

/// <summary>Moments as people tell them.</summary>
public static class RelativeTimes
{
    /// <summary>Such as “3 minutes ago” or “in 2 hours”.</summary>
    public static string Format(DateTimeOffset at, DateTimeOffset now)
    {
        var distance = now - at;
        var text = Distance(distance.Duration());
        return text is null ? "just now" : distance < TimeSpan.Zero ? "in " + text : text + " ago";
    }

    /// <summary>The moment to the second, in UTC.</summary>
    public static string Exact(DateTimeOffset at) =>
        at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string? Distance(TimeSpan distance) => distance.TotalSeconds switch
    {
        < 10 => null,
        < 60 => "less than a minute",
        < 3600 => Count(distance.TotalMinutes, "minute"),
        < 86_400 => Count(distance.TotalHours, "hour"),
        < 30 * 86_400d => Count(distance.TotalDays, "day"),
        < 365 * 86_400d => Count(distance.TotalDays / 30, "month"),
        _ => Count(distance.TotalDays / 365, "year"),
    };

    private static string Count(double number, string unit) =>
        (int)number == 1 ? $"1 {unit}" : $"{(int)number} {unit}s";
}
