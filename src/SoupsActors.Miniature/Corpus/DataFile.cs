using System.Reflection;

namespace SoupsActors.Miniature.Corpus;

/// <summary>One entry of a data file: title, flags and named lists of lines; its place is for messages.</summary>
internal sealed record DataEntry(
    string Place, string Title, IReadOnlyList<string> Flags, IReadOnlyDictionary<string, List<string>> Lists);

/// <summary>
/// The format of the corpus' text files. A line <c>== title | flag | flag</c> opens an entry, a line <c>name:</c>
/// opens one of its lists, every other line is one item of that list. Empty lines and lines starting with <c>#</c>
/// are skipped.
/// </summary>
internal static class DataFile
{
    /// <summary>Parses one file.</summary>
    /// <param name="file">The name to put in error messages.</param>
    /// <param name="text">The whole file.</param>
    /// <param name="lists">The lists every entry must have, none empty.</param>
    /// <exception cref="InvalidDataException">The text breaks the format; the message names file and line.</exception>
    public static List<DataEntry> Parse(string file, string text, params string[] lists)
    {
        var entries = new List<DataEntry>();
        List<string>? list = null;
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.StartsWith("==", StringComparison.Ordinal))
            {
                var parts = line[2..].Split('|', StringSplitOptions.TrimEntries);
                entries.Add(new($"{file}:{number}", parts[0], parts[1..], new Dictionary<string, List<string>>()));
                list = null;
            }
            else if (line[^1] == ':')
            {
                var name = line[..^1];
                if (entries.Count == 0 || !lists.Contains(name))
                    throw Bad($"{file}:{number}", $"'{line}' is not one of the lists {string.Join(", ", lists)}");
                list = [];
                if (!((Dictionary<string, List<string>>)entries[^1].Lists).TryAdd(name, list))
                    throw Bad($"{file}:{number}", $"the list '{name}' is there twice");
            }
            else
            {
                (list ?? throw Bad($"{file}:{number}", "a line before any list; open one with 'name:'")).Add(line);
            }
        }

        foreach (var entry in entries)
        {
            foreach (var name in lists)
            {
                if (!entry.Lists.TryGetValue(name, out var items) || items.Count == 0)
                    throw Bad(entry.Place, $"'{entry.Title}' lacks the list '{name}'");
            }
        }

        return entries;
    }

    /// <summary>The names and texts of the embedded files of one folder, ordered by name.</summary>
    public static IEnumerable<(string Name, string Text)> Embedded(string folder)
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (!resource.StartsWith(folder + "/", StringComparison.Ordinal)) continue;
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            yield return (resource[(folder.Length + 1)..], reader.ReadToEnd());
        }
    }

    public static InvalidDataException Bad(string place, string what) => new($"{place}: {what}.");
}
