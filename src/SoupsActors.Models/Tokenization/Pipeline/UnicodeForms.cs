using System.Globalization;
using System.Text;

namespace SoupsActors.Models.Tokenization.Pipeline;

/// <summary>
/// Unicode's normalization forms (Unicode Standard Annex 15; Hangul as in section 3.12 of the Standard). .NET leaves
/// them to the operating system's ICU, and under invariant globalization gives every text back as it is, so the tables
/// are here.
/// </summary>
internal static class UnicodeForms
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TrailCount = 28;
    private const int HangulCount = LeadCount * VowelCount * TrailCount;

    /// <summary>Below U+0300 a text is in NFC already, and nothing after it can change that.</summary>
    private const char FirstOfInterest = '\u0300';

    private static readonly Lazy<Tables> Data = new(Read);

    private sealed class Tables
    {
        public Dictionary<int, int[]> Canonical { get; } = [];

        public Dictionary<int, int[]> Compatible { get; } = [];

        public Dictionary<(int First, int Second), int> Compositions { get; } = [];

        public Dictionary<int, byte> Classes { get; } = [];
    }

    /// <summary>Brings well-formed UTF-16 into a form.</summary>
    public static string Normalize(string text, NormalizationForm form)
    {
        var compatible = form is NormalizationForm.FormKC or NormalizationForm.FormKD;
        var composes = form is NormalizationForm.FormC or NormalizationForm.FormKC;
        var harmless = compatible || !composes ? '\u007F' : (char)(FirstOfInterest - 1);
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', harmless))
            return text;

        var tables = Data.Value;
        var points = new List<int>(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, compatible, tables, points);
        Order(points, tables);
        if (composes)
            Compose(points, tables);

        var result = new StringBuilder(points.Count);
        Span<char> units = stackalloc char[2];
        foreach (var point in points)
            result.Append(units[..new Rune(point).EncodeToUtf16(units)]);
        return result.ToString();
    }

    private static void Decompose(int point, bool compatible, Tables tables, List<int> output)
    {
        var syllable = point - HangulBase;
        if (syllable is >= 0 and < HangulCount)
        {
            output.Add(LeadBase + (syllable / (VowelCount * TrailCount)));
            output.Add(VowelBase + (syllable / TrailCount % VowelCount));
            if (syllable % TrailCount > 0)
                output.Add(TrailBase + (syllable % TrailCount));
        }
        else if (tables.Canonical.TryGetValue(point, out var parts)
            || (compatible && tables.Compatible.TryGetValue(point, out parts)))
        {
            foreach (var part in parts)
                Decompose(part, compatible, tables, output);
        }
        else
        {
            output.Add(point);
        }
    }

    /// <summary>Sorts every run of combining marks by class, equal classes in the order they stand.</summary>
    private static void Order(List<int> points, Tables tables)
    {
        var marks = new List<(byte Class, int Point)>();
        for (var i = 0; i < points.Count; i++)
        {
            var start = i;
            marks.Clear();
            for (; i < points.Count && tables.Classes.TryGetValue(points[i], out var order); i++)
                marks.Add((order, points[i]));
            if (marks.Count < 2)
                continue;
            foreach (var (_, point) in marks.OrderBy(m => m.Class))
                points[start++] = point;
        }
    }

    /// <summary>Joins each starter with the marks after it that nothing blocks.</summary>
    private static void Compose(List<int> points, Tables tables)
    {
        var starter = -1;
        var kept = 0;
        var last = 0;
        for (var i = 0; i < points.Count; i++)
        {
            var point = points[i];
            var order = tables.Classes.GetValueOrDefault(point);
            var adjacent = kept == starter + 1;
            if (starter >= 0 && (adjacent || last < order) && Joined(points[starter], point, tables) is { } joined)
            {
                points[starter] = joined;
                continue;
            }

            if (order == 0)
                starter = kept;
            last = order;
            points[kept++] = point;
        }

        points.RemoveRange(kept, points.Count - kept);
    }

    private static int? Joined(int first, int second, Tables tables)
    {
        if (first - LeadBase is >= 0 and < LeadCount && second - VowelBase is >= 0 and < VowelCount)
            return HangulBase + ((((first - LeadBase) * VowelCount) + second - VowelBase) * TrailCount);
        if (first - HangulBase is >= 0 and < HangulCount && (first - HangulBase) % TrailCount == 0
            && second - TrailBase is > 0 and < TrailCount)
        {
            return first + second - TrailBase;
        }

        return tables.Compositions.TryGetValue((first, second), out var joined) ? joined : null;
    }

    private static Tables Read()
    {
        var tables = new Tables();
        using var stream = typeof(UnicodeForms).Assembly.GetManifestResourceStream("UnicodeDecompositions.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            var sign = line.AsSpan().IndexOfAny("=!~-");
            var point = Hex(line[..sign]);
            if (line[sign] == '-')
            {
                var at = line.IndexOf('@', StringComparison.Ordinal);
                for (var p = point; p <= Hex(line[(sign + 1)..at]); p++)
                    tables.Classes[p] = byte.Parse(line.AsSpan(at + 1), CultureInfo.InvariantCulture);
                continue;
            }

            int[] parts = [.. line[(sign + 1)..].Split(' ').Select(Hex)];
            (line[sign] == '~' ? tables.Compatible : tables.Canonical)[point] = parts;
            if (line[sign] == '=')
                tables.Compositions[(parts[0], parts[1])] = point;
        }

        return tables;
    }

    private static int Hex(string digits) =>
        int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
