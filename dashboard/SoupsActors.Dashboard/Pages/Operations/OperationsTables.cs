using SoupsActors.Cluster;

namespace SoupsActors.Dashboard.Pages.Operations;

/// <summary>What of the methods comes first.</summary>
internal enum MethodOrder
{
    /// <summary>Those that take long on average.</summary>
    Slowest,

    /// <summary>Those that fail often.</summary>
    MostFailing,

    /// <summary>Those that are called often.</summary>
    MostCalled,
}

/// <summary>Picks and orders what the tables of operations show.</summary>
internal static class OperationsTables
{
    /// <summary>The first of the methods in an order.</summary>
    public static IReadOnlyList<MethodStatistics> Order(
        IEnumerable<MethodStatistics> methods, MethodOrder order, int most) =>
    [
        .. (order switch
        {
            MethodOrder.MostFailing => methods.OrderByDescending(m => m.Failures).ThenByDescending(m => m.Calls),
            MethodOrder.MostCalled => methods.OrderByDescending(m => m.Calls).ThenBy(m => m.Method),
            _ => methods.OrderByDescending(m => m.MeanSeconds).ThenByDescending(m => m.Calls),
        }).Take(most),
    ];

    /// <summary>The newest lines that are grave enough and contain the words, newest first.</summary>
    public static IReadOnlyList<LogLine> Filter(
        IReadOnlyList<LogLine> lines, LogGravity least, string words, int most)
    {
        var wanted = words.Trim();
        return
        [
            .. lines.Reverse().Where(line => line.Gravity >= least && (wanted.Length == 0
                || line.Message.Contains(wanted, StringComparison.OrdinalIgnoreCase)
                || line.Category.Contains(wanted, StringComparison.OrdinalIgnoreCase))).Take(most),
        ];
    }

    /// <summary>The class of a line's badge.</summary>
    public static string Badge(LogGravity gravity) => gravity switch
    {
        LogGravity.Error => "bad",
        LogGravity.Warning => "warn",
        _ => "",
    };

    /// <summary>The last part of a category's name.</summary>
    public static string ShortCategory(string category) => category[(category.LastIndexOf('.') + 1)..];
}
