using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace SoupsActors.Cli.Output;

/// <summary>How the tool speaks: text for people, one JSON document for programs.</summary>
internal static class ConsoleOutput
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static void Error(this IAnsiConsole console, string message) =>
        console.MarkupLineInterpolated($"[red]{message}[/]");

    /// <summary>One line of JSON, never wrapped or coloured.</summary>
    public static void Json<T>(this IAnsiConsole console, T value) =>
        console.Raw(JsonSerializer.Serialize(value, Options) + "\n");

    /// <summary>Text exactly as it is: no markup, no wrapping.</summary>
    public static void Raw(this IAnsiConsole console, string text)
    {
        console.Profile.Out.Writer.Write(text);
        console.Profile.Out.Writer.Flush();
    }

    /// <summary>Time as hours, minutes and seconds; hours go on after a day.</summary>
    public static string Clock(TimeSpan time) => string.Create(
        CultureInfo.InvariantCulture, $"{(long)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}");

    /// <summary>A table with plain headings.</summary>
    public static Table NewTable(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var column in columns)
            table.AddColumn(column);
        return table;
    }

    public static Table Line(this Table table, params string[] cells) => table.AddRow([.. cells.Select(Markup.Escape)]);
}
