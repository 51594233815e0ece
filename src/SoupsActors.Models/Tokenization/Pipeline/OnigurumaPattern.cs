using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Tokenization.Pipeline;

/// <summary>
/// Translates the regular expressions of tokenizer.json, which are written for Oniguruma's own syntax, into .NET's. The
/// two differ in possessive quantifiers (<c>x++</c>; but <c>x{1,3}+</c> is a repeated interval), in <c>\w</c>, and in
/// case folding (ſ is an s, K a k). Constructs that would mean something else in .NET are refused.
/// </summary>
internal sealed class OnigurumaPattern
{
    /// <summary>
    /// A pattern that backtracks longer than this on one match is refused, so that no text can stall a server.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const string Word = @"\p{L}\p{M}\p{Nd}\p{Pc}";

    private const string Categories =
        " L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Cs Co Cn ";

    private readonly string source;
    private readonly StringBuilder output = new();
    private readonly Stack<(int Start, bool IgnoreCase)> groups = new();
    private int position;
    private int atom = -1;
    private bool quantified;
    private bool ignoreCase;

    private OnigurumaPattern(string source) => this.source = source;

    /// <summary>Compiles a pattern; one without look-around runs in time linear in the text.</summary>
    /// <exception cref="ModelFormatException">The pattern is malformed or uses what cannot be translated.</exception>
    public static Regex Compile(string pattern)
    {
        const RegexOptions options =
            RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.ExplicitCapture;
        string[] linearCannot = ["(?=", "(?!", "(?<", "(?>"];
        var translated = Translate(pattern);
        try
        {
            return linearCannot.Any(group => translated.Contains(group, StringComparison.Ordinal))
                ? new Regex(translated, options | RegexOptions.Compiled, Patience)
                : new Regex(translated, options | RegexOptions.NonBacktracking, Patience);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw TokenizerFile.Error($"The tokenizer's pattern '{pattern}' cannot be used: {e.Message}", e);
        }
    }

    /// <summary>The .NET form of a pattern.</summary>
    public static string Translate(string pattern) => new OnigurumaPattern(pattern).Run();

    private string Run()
    {
        while (position < source.Length)
        {
            var c = source[position];
            if (char.IsSurrogate(c))
                throw Refuse("a character beyond U+FFFF");
            switch (c)
            {
                case '\\':
                    BeginAtom();
                    Escape(inClass: false);
                    break;
                case '[':
                    BeginAtom();
                    Class();
                    break;
                case '(':
                    OpenGroup();
                    break;
                case ')':
                    if (!groups.TryPop(out var group))
                        throw Refuse("a closing parenthesis without an opening one");
                    output.Append(c);
                    position++;
                    (atom, ignoreCase, quantified) = (group.Start, group.IgnoreCase, false);
                    break;
                case '|':
                    output.Append(c);
                    position++;
                    atom = -1;
                    break;
                case '*' or '+' or '?':
                    position++;
                    Quantify(c.ToString(), interval: false);
                    break;
                case '{' when Interval() is { } interval:
                    Quantify(interval, interval: true);
                    break;
                default:
                    BeginAtom();
                    position++;
                    Literal(c);
                    break;
            }
        }

        return groups.Count == 0 ? output.ToString() : throw Refuse("an unclosed group");
    }

    private void BeginAtom() => (atom, quantified) = (output.Length, false);

    private void Literal(char c)
    {
        if (ignoreCase && Folds(c) is { } folds)
            output.Append('[').Append(c).Append(folds).Append(']');
        else if (c is '{' or '}' or '#' or ' ' or ']')
            output.Append('\\').Append(c);
        else
            output.Append(c);
    }

    /// <summary>Characters that Unicode folds to the same letter and .NET does not.</summary>
    private static char? Folds(char c) => c switch { 's' or 'S' => '\u017F', 'k' or 'K' => '\u212A', _ => null };

    private void Quantify(string quantifier, bool interval)
    {
        if (atom < 0)
            throw Refuse($"'{quantifier}' with nothing to repeat");
        if (quantified)
            Wrap("(?:");
        output.Append(quantifier);
        var next = position < source.Length ? source[position] : '\0';
        var exact = interval && !quantifier.Contains(',', StringComparison.Ordinal);
        if (next == '+' && !interval)
        {
            Wrap("(?>");
            position++;
        }
        else if (next == '?' && !exact)
        {
            output.Append(next);
            position++;
        }

        quantified = true;
    }

    private void Wrap(string opening)
    {
        output.Insert(atom, opening).Append(')');
    }

    /// <summary>Reads {n}, {n,}, {,m} or {n,m}; any other brace is a literal.</summary>
    private string? Interval()
    {
        var end = source.IndexOf('}', position);
        if (end < 0)
            return null;
        var body = source[(position + 1)..end];
        var comma = body.IndexOf(',', StringComparison.Ordinal);
        var low = comma < 0 ? body : body[..comma];
        var high = comma < 0 ? "" : body[(comma + 1)..];
        if (!low.All(char.IsAsciiDigit) || !high.All(char.IsAsciiDigit) || (low.Length == 0 && high.Length == 0))
            return null;
        position = end + 1;
        return comma < 0 ? $"{{{low}}}" : $"{{{(low.Length == 0 ? "0" : low)},{high}}}";
    }

    private void OpenGroup()
    {
        groups.Push((output.Length, ignoreCase));
        foreach (var opening in (ReadOnlySpan<string>)["(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?-i:"])
        {
            if (!source.AsSpan(position).StartsWith(opening))
                continue;
            if (opening.EndsWith("i:", StringComparison.Ordinal))
                ignoreCase = opening == "(?i:";
            output.Append(opening);
            position += opening.Length;
            atom = -1;
            return;
        }

        if (source.AsSpan(position).StartsWith("(?i)"))
        {
            // The option holds to the end of the group around it, and the group has no end of its own.
            groups.Pop();
            ignoreCase = true;
            output.Append("(?i)");
            position += 4;
        }
        else if (source.AsSpan(position).StartsWith("(?"))
        {
            throw Refuse($"the group '{source.AsSpan(position, Math.Min(4, source.Length - position))}'");
        }
        else
        {
            output.Append("(?:");
            position++;
        }

        atom = -1;
    }

    private void Class()
    {
        output.Append('[');
        position++;
        if (position < source.Length && source[position] == '^')
        {
            output.Append('^');
            position++;
        }

        for (var first = true; position < source.Length; first = false)
        {
            var c = source[position];
            if (c == ']' && !first)
            {
                output.Append(c);
                position++;
                return;
            }

            if (c == '[' || (c == '&' && source.AsSpan(position).StartsWith("&&")) || char.IsSurrogate(c))
                throw Refuse("a nested, intersected or supplementary character class");
            if (c == '\\')
            {
                Escape(inClass: true);
                continue;
            }

            position++;
            output.Append(c is ']' ? @"\]" : c.ToString());
            if (ignoreCase && Folds(c) is { } folds && (position >= source.Length || source[position] != '-'))
                output.Append(folds);
        }

        throw Refuse("an unclosed character class");
    }

    private void Escape(bool inClass)
    {
        if (position + 1 >= source.Length)
            throw Refuse("a backslash at the end");
        var c = source[position + 1];
        position += 2;
        switch (c)
        {
            case 'p' or 'P':
                Property(c);
                break;
            case 'w':
                output.Append(inClass ? Word : $"[{Word}]");
                break;
            case 'W' when !inClass:
                output.Append($"[^{Word}]");
                break;
            case 's' or 'S' or 'd' or 'D' or 'r' or 'n' or 't' or 'f' or 'v':
            case 'b' or 'B' or 'A' or 'z' or 'Z' when !inClass:
                output.Append('\\').Append(c);
                break;
            case 'x' or 'u':
                CodePoint(c);
                break;
            default:
                if (char.IsAsciiLetterOrDigit(c) || char.IsSurrogate(c))
                    throw Refuse($@"'\{c}'");
                output.Append(char.IsAscii(c) ? $@"\{c}" : c.ToString());
                break;
        }
    }

    private void Property(char kind)
    {
        var end = source.IndexOf('}', position);
        if (end < 0 || source[position] != '{')
            throw Refuse($@"'\{kind}' without a name in braces");
        var name = source[(position + 1)..end];
        position = end + 1;
        var negated = kind == 'P';
        if (name.StartsWith('^'))
        {
            negated = !negated;
            name = name[1..];
        }

        if (name.Length is 0 or > 2 || !Categories.Contains($" {name} ", StringComparison.Ordinal))
            throw Refuse($@"the property '\p{{{name}}}' (only general categories such as L or Nd are known)");
        output.Append(negated ? @"\P{" : @"\p{").Append(name).Append('}');
    }

    private void CodePoint(char kind)
    {
        string digits;
        if (position < source.Length && source[position] == '{' && source.IndexOf('}', position) is var end and > 0)
        {
            digits = source[(position + 1)..end];
            position = end + 1;
        }
        else
        {
            var length = Math.Min(kind == 'x' ? 2 : 4, source.Length - position);
            digits = source.Substring(position, length);
            position += length;
        }

        if (!int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value is < 0 or > 0xFFFF)
        {
            throw Refuse($@"the code point '\{kind}{digits}'");
        }

        output.Append($@"\u{value:X4}");
    }

    private ModelFormatException Refuse(string what) =>
        TokenizerFile.Error($"The tokenizer's pattern '{source}' uses {what}, which is not supported.");
}
