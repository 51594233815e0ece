using System.Globalization;
using SoupsActors.Learning.Judging;
using SoupsActors.Reports;

namespace SoupsActors.Miniature.Experiments.Answers;

/// <summary>How reports write numbers.</summary>
internal static class Figures
{
    public static string Percent(double share) =>
        double.IsNaN(share) ? "–" : (100 * share).ToString("F1", CultureInfo.InvariantCulture) + " %";

    public static string Number(double value, string format = "F3") =>
        double.IsNaN(value) ? "–" : value.ToString(format, CultureInfo.InvariantCulture);

    public static string Interval(ConfidenceInterval interval) =>
        $"{Percent(interval.Lower)} to {Percent(interval.Upper)}";

    /// <summary>W/T/L and the rate without ties.</summary>
    public static string Rate(WinTieLoss counts) =>
        $"{counts.Wins}/{counts.Ties}/{counts.Losses} ({Percent(counts.WinRate)})";

    /// <summary>A bar of a win rate in percent, with Wilson's interval.</summary>
    public static PlotPoint Bar(WinTieLoss counts) => new(
        0, 100 * counts.WinRate, 100 * counts.WinRateInterval.Lower, 100 * counts.WinRateInterval.Upper);

    /// <summary>A number that reads the same for equal runs and is short enough for people.</summary>
    public static double Round(double value) => Math.Round(value, 6);
}
