using System.Globalization;
using SoupsActors.Cli.Output;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rewards;
using Spectre.Console;

namespace SoupsActors.Cli.Learning;

/// <summary>The data sets that a file's comparisons name as their source.</summary>
internal sealed class DataSets
{
    private const string Unnamed = "(unnamed)";

    private readonly string[] names;

    private DataSets(string[] names) => this.names = names;

    public static DataSets Of(IEnumerable<Comparison> comparisons) => new(
        [.. comparisons.Select(Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    /// <summary>Comparisons as tokens, each with the number of its data set.</summary>
    public IReadOnlyList<TokenPair> Tag(IEnumerable<Comparison> comparisons, ConversationFormat format) =>
        [.. comparisons.Select(c => format.Pair(c) with { Source = Array.IndexOf(names, Name(c)) })];

    /// <summary>What a reward makes of each data set; null where there are not several.</summary>
    public async Task<IReadOnlyDictionary<string, RewardReport>?> ReportAsync(
        IRewardNetwork network, IReadOnlyList<TokenPair> pairs, CancellationToken cancellation)
    {
        if (names.Length < 2)
            return null;
        var reports = await RewardReport.MeasureBySourceAsync(network, pairs, cancellation: cancellation);
        return reports.ToDictionary(r => names[r.Key], r => r.Value);
    }

    public static Table Table(IReadOnlyDictionary<string, RewardReport> reports)
    {
        var table = ConsoleOutput.NewTable(
            ["data set", "pairs", "accuracy", "ECE", "mean score", "deviation", "5 %", "median", "95 %"]);
        foreach (var (name, report) in reports)
        {
            var scores = report.Scores;
            table.Line(
                name,
                $"{report.Pairs}",
                $"{report.Accuracy:P1}",
                Number(report.CalibrationError),
                Number(scores.Mean),
                Number(scores.StandardDeviation),
                Number(scores.Quantiles[0]),
                Number(scores.Quantiles[2]),
                Number(scores.Quantiles[^1]));
        }

        return table;

        static string Number(double value) => value.ToString("F3", CultureInfo.InvariantCulture);
    }

    private static string Name(Comparison comparison) => comparison.Source ?? Unnamed;
}
