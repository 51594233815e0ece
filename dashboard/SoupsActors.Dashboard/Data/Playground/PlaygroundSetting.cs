using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace SoupsActors.Dashboard.Data.Playground;

/// <summary>All that the playground is set to; a link carries it from one person to another.</summary>
public sealed record PlaygroundSetting
{
    /// <summary>Most columns.</summary>
    public const int MaxColumns = 4;

    /// <summary>Longest prompt that a link carries, and the page takes.</summary>
    public const int MaxPrompt = 4000;

    /// <summary>Most tokens of an answer.</summary>
    public const int MaxTokensLimit = 1024;

    /// <summary>What is asked.</summary>
    public string Prompt { get; init; } = "Why is the sky blue?";

    /// <summary>0 is greedy; 0 to 2.</summary>
    public double Temperature { get; init; }

    /// <summary>Seed of all columns' random numbers.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Most tokens of an answer, 1 to <see cref="MaxTokensLimit"/>.</summary>
    public int MaxTokens { get; init; } = 160;

    /// <summary>Who answers, from left to right; 1 to <see cref="MaxColumns"/>.</summary>
    public IReadOnlyList<PlaygroundColumn> Columns { get; init; } =
        [new PlaygroundColumn(ColumnKind.Base), new PlaygroundColumn(ColumnKind.Mix)];

    /// <summary>The setting as a query, with its question mark.</summary>
    public string ToQuery()
    {
        string[] parts =
        [
            "prompt=" + Uri.EscapeDataString(Prompt),
            "temperature=" + Temperature.ToString("0.###", CultureInfo.InvariantCulture),
            "seed=" + Seed.ToString(CultureInfo.InvariantCulture),
            "tokens=" + MaxTokens.ToString(CultureInfo.InvariantCulture),
            .. Columns.Select(column => "column=" + Uri.EscapeDataString(column.ToText())),
        ];
        return "?" + string.Join('&', parts);
    }

    /// <summary>Reads a query; what is missing or wrong in it stays at its default, for links get mangled.</summary>
    public static PlaygroundSetting Parse(string query)
    {
        var fields = QueryHelpers.ParseQuery(query);
        var standard = new PlaygroundSetting();
        PlaygroundColumn[] columns = fields.TryGetValue("column", out var texts)
            ? [.. texts.Select(PlaygroundColumn.Parse).OfType<PlaygroundColumn>().Take(MaxColumns)]
            : [];
        return new PlaygroundSetting
        {
            Prompt = Field("prompt") is { } prompt ? prompt[..Math.Min(prompt.Length, MaxPrompt)] : standard.Prompt,
            Temperature = Number("temperature", 0, 2) ?? standard.Temperature,
            Seed = long.TryParse(Field("seed"), CultureInfo.InvariantCulture, out var seed) ? seed : standard.Seed,
            MaxTokens = (int)(Number("tokens", 1, MaxTokensLimit) ?? standard.MaxTokens),
            Columns = columns.Length > 0 ? columns : standard.Columns,
        };

        string? Field(string name) => fields.TryGetValue(name, out var values) ? values[0] : null;

        double? Number(string name, double least, double most) =>
            double.TryParse(Field(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                && value >= least && value <= most ? value : null;
    }
}
