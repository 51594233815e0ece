using System.Globalization;
using System.Text.RegularExpressions;

namespace SoupsActors.Dashboard.Data.Experiments;

/// <summary>One method against another.</summary>
/// <param name="Method">Whose wins are counted.</param>
/// <param name="Opponent">The other.</param>
/// <param name="Criterion">The criterion, or <see cref="WinTable.Aggregated"/>.</param>
/// <param name="Wins">Wins.</param>
/// <param name="Ties">Ties.</param>
/// <param name="Losses">Losses.</param>
public sealed record WinCell(string Method, string Opponent, string Criterion, long Wins, long Ties, long Losses)
{
    /// <summary>W / (W + L); null where nothing was decided.</summary>
    public double? Rate => Wins + Losses == 0 ? null : (double)Wins / (Wins + Losses);

    /// <summary>The counts as people write them.</summary>
    public string Counts => $"{Wins} / {Ties} / {Losses}";

    /// <summary>The same seen from the other side.</summary>
    public WinCell Mirrored => new(Opponent, Method, Criterion, Losses, Ties, Wins);
}

/// <summary>The cells of one combination of preferences, each as a line of text.</summary>
/// <param name="Combination">The preferences.</param>
public sealed record CombinationCells(string Combination)
{
    /// <summary>Lines, each pair once.</summary>
    public string[]? Pairs { get; init; }

    /// <summary>Lines, each pair from both sides.</summary>
    public string[]? Cells { get; init; }
}

/// <summary>Every method against every other, by criterion and combination of preferences.</summary>
public sealed partial class WinTable
{
    /// <summary>The judgement over all criteria together.</summary>
    public const string Aggregated = "aggregated";

    /// <summary>All combinations together.</summary>
    public const string AllCombinations = "";

    private readonly Dictionary<(string Combination, string Criterion, string Method, string Opponent), WinCell>
        cells = [];

    private WinTable(IEnumerable<(string Combination, WinCell Cell)> all)
    {
        foreach (var (combination, cell) in all)
        {
            cells[(combination, cell.Criterion, cell.Method, cell.Opponent)] = cell;
            cells[(combination, cell.Criterion, cell.Opponent, cell.Method)] = cell.Mirrored;
        }

        Methods = [.. cells.Keys.Select(k => k.Method).Distinct()];
        Criteria = [Aggregated, .. cells.Keys.Select(k => k.Criterion).Distinct().Where(c => c != Aggregated).Order()];
        Combinations = [.. cells.Keys.Select(k => k.Combination).Distinct().Order()];
    }

    /// <summary>The methods in the order of the report.</summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>The criteria, the aggregated judgement first.</summary>
    public IReadOnlyList<string> Criteria { get; }

    /// <summary>The combinations, all of them together first.</summary>
    public IReadOnlyList<string> Combinations { get; }

    /// <summary>A table, or null where there are no cells.</summary>
    /// <param name="pairs">Cells over all combinations, or null where they are to be added up.</param>
    /// <param name="combinations">Cells by combination.</param>
    /// <param name="problems">Gets a line for what cannot be read.</param>
    public static WinTable? Of(WinCell[]? pairs, CombinationCells[]? combinations, ICollection<string> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        var single = new List<(string Combination, WinCell Cell)>();
        var unread = 0;
        foreach (var combination in combinations ?? [])
        {
            foreach (var line in combination.Pairs ?? combination.Cells ?? [])
            {
                if (Parse(line) is { } cell)
                    single.Add((combination.Combination, cell));
                else
                    unread++;
            }
        }

        if (unread > 0)
            problems.Add($"{unread} of the lines with win rates by combination could not be read and are left out.");
        var together = pairs ?? single
            .GroupBy(s => (s.Cell.Method, s.Cell.Opponent, s.Cell.Criterion))
            .Select(g => new WinCell(
                g.Key.Method, g.Key.Opponent, g.Key.Criterion,
                g.Sum(s => s.Cell.Wins), g.Sum(s => s.Cell.Ties), g.Sum(s => s.Cell.Losses)));
        var all = together.Select(c => (AllCombinations, c)).Concat(single).ToArray();
        return all.Length == 0 ? null : new WinTable(all);
    }

    /// <summary>One method against another, or null where it was not judged.</summary>
    public WinCell? Find(string combination, string criterion, string method, string opponent) =>
        cells.GetValueOrDefault((combination, criterion, method, opponent));

    // "soup : base : aggregated 22/1/1"
    private static WinCell? Parse(string line) =>
        CellLine().Match(line) is { Success: true, Groups: var g }
            && Number(g[4]) is { } wins && Number(g[5]) is { } ties && Number(g[6]) is { } losses
            ? new WinCell(g[1].Value, g[2].Value, g[3].Value, wins, ties, losses)
            : null;

    private static int? Number(Group digits) =>
        int.TryParse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@"\A(.+?) : (.+?) : (\S+) (\d+)/(\d+)/(\d+)\z", RegexOptions.CultureInvariant, 100)]
    private static partial Regex CellLine();
}
