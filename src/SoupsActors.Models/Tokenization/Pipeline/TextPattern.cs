using System.Text.Json;
using System.Text.RegularExpressions;

namespace SoupsActors.Models.Tokenization.Pipeline;

/// <summary>A literal text or a regular expression to find in texts.</summary>
internal sealed class TextPattern
{
    private readonly string? literal;
    private readonly Regex? regex;

    private TextPattern(string? literal, Regex? regex)
    {
        this.literal = literal;
        this.regex = regex;
    }

    /// <summary>The text to find, where the pattern is one.</summary>
    public string? LiteralText => literal;

    public static TextPattern Literal(string text) => new(text, null);

    public static TextPattern Regular(string pattern) => new(null, OnigurumaPattern.Compile(pattern));

    /// <summary>Reads {"String": ...} or {"Regex": ...}.</summary>
    public static TextPattern Read(JsonElement part, string where)
    {
        if (part.ValueKind == JsonValueKind.String)
            return Literal(part.GetString()!);
        if (part.OptionalText("String") is { } text)
            return Literal(text);
        if (part.OptionalText("Regex") is { } pattern)
            return Regular(pattern);
        throw TokenizerFile.Error($"The pattern of the {where} must be {{\"String\": ...}} or {{\"Regex\": ...}}.");
    }

    /// <summary>Non-empty matches from left to right, as positions in the text.</summary>
    public List<Range> Matches(string text)
    {
        var matches = new List<Range>();
        if (literal is not null)
        {
            for (var at = 0; literal.Length > 0; at += literal.Length)
            {
                at = text.IndexOf(literal, at, StringComparison.Ordinal);
                if (at < 0)
                    break;
                matches.Add(at..(at + literal.Length));
            }

            return matches;
        }

        var seen = CodePointText.Of(text);
        try
        {
            foreach (var match in regex!.EnumerateMatches(seen.Characters))
            {
                if (match.Length > 0)
                    matches.Add(seen.Original(match.Index)..seen.Original(match.Index + match.Length));
            }
        }
        catch (RegexMatchTimeoutException e)
        {
            throw TokenizerFile.Error(
                $"The tokenizer's pattern '{regex}' takes too long on this text; it backtracks without bound.", e);
        }

        return matches;
    }

    /// <summary>Replaces every match by a fixed text.</summary>
    public string Replace(string text, string by)
    {
        if (literal is not null)
            return literal.Length == 0 ? text : text.Replace(literal, by, StringComparison.Ordinal);
        var result = new System.Text.StringBuilder();
        var from = 0;
        foreach (var match in Matches(text))
        {
            result.Append(text, from, match.Start.Value - from).Append(by);
            from = match.End.Value;
        }

        return from == 0 ? text : result.Append(text, from, text.Length - from).ToString();
    }
}
