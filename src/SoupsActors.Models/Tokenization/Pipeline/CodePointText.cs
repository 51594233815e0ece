using System.Globalization;

namespace SoupsActors.Models.Tokenization.Pipeline;

/// <summary>
/// A text as the tokenizers' patterns see it: one character per code point. .NET's regular expressions see UTF-16
/// units, for which a letter beyond U+FFFF is no letter; here such a code point is stood for by a character of its
/// general category.
/// </summary>
internal readonly struct CodePointText
{
    private readonly int[]? starts;

    private CodePointText(string pattern, int[]? starts)
    {
        Characters = pattern;
        this.starts = starts;
    }

    /// <summary>The text to match patterns on.</summary>
    public string Characters { get; }

    /// <summary>Wraps well-formed UTF-16.</summary>
    public static CodePointText Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return new CodePointText(text, null);

        var characters = new char[text.Length];
        var positions = new int[text.Length + 1];
        var count = 0;
        for (var i = 0; i < text.Length; count++)
        {
            positions[count] = i;
            var wide = char.IsHighSurrogate(text[i]);
            characters[count] = wide ? StandIn(CharUnicodeInfo.GetUnicodeCategory(text, i)) : text[i];
            i += wide ? 2 : 1;
        }

        positions[count] = text.Length;
        return new CodePointText(new string(characters, 0, count), positions);
    }

    /// <summary>Where a position in <see cref="Characters"/> lies in the text.</summary>
    public int Original(int index) => starts is null ? index : starts[index];

    /// <summary>A rare character of the basic plane with the given category.</summary>
    internal static char StandIn(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\u13A0',
        UnicodeCategory.LowercaseLetter => '\u1D00',
        UnicodeCategory.TitlecaseLetter => '\u01F2',
        UnicodeCategory.ModifierLetter => '\u10FC',
        UnicodeCategory.OtherLetter => '\uA000',
        UnicodeCategory.NonSpacingMark => '\uA802',
        UnicodeCategory.SpacingCombiningMark => '\uA823',
        UnicodeCategory.EnclosingMark => '\uA670',
        UnicodeCategory.DecimalDigitNumber => '\uA620',
        UnicodeCategory.LetterNumber => '\uA6E6',
        UnicodeCategory.OtherNumber => '\uA830',
        UnicodeCategory.SpaceSeparator => '\u205F',
        UnicodeCategory.LineSeparator => '\u2028',
        UnicodeCategory.ParagraphSeparator => '\u2029',
        UnicodeCategory.Control => '\u0001',
        UnicodeCategory.Format => '\u2061',
        UnicodeCategory.PrivateUse => '\uE000',
        UnicodeCategory.ConnectorPunctuation => '\uFE33',
        UnicodeCategory.DashPunctuation => '\u30A0',
        UnicodeCategory.OpenPunctuation => '\u2E22',
        UnicodeCategory.ClosePunctuation => '\u2E23',
        UnicodeCategory.InitialQuotePunctuation => '\u2E20',
        UnicodeCategory.FinalQuotePunctuation => '\u2E21',
        UnicodeCategory.OtherPunctuation => '\uA874',
        UnicodeCategory.MathSymbol => '\u2A00',
        UnicodeCategory.CurrencySymbol => '\uA838',
        UnicodeCategory.ModifierSymbol => '\uA700',
        UnicodeCategory.OtherSymbol => '\uA828',
        _ => '\uFDD0',
    };
}
