namespace SoupsActors.Miniature.Corpus;

/// <summary>
/// The topics of the corpus, read from the embedded files <c>Corpus/Topics/*.txt</c> and checked in full: ASCII, one
/// sentence a line with its end mark, lengths within limits, at least four statements a register, no statement twice.
/// </summary>
/// <remarks>
/// An entry opens with <c>== name | flags</c>, flags being <c>many</c> (the name is a plural), <c>works</c> and
/// <c>happens</c> (which questions make sense) and <c>held-out</c>; its lists are <c>child:</c> and <c>specialist:</c>.
/// </remarks>
public sealed class TopicLibrary
{
    /// <summary>The least number of statements a register must have.</summary>
    public const int MinStatements = 4;

    private static readonly Lazy<TopicLibrary> Packaged = new(() => Parse(DataFile.Embedded("Topics")));
    private readonly Dictionary<string, Topic> _byId;

    private TopicLibrary(List<Topic> topics)
    {
        All = topics;
        Training = [.. topics.Where(t => !t.IsHeldOut)];
        HeldOut = [.. topics.Where(t => t.IsHeldOut)];
        _byId = topics.ToDictionary(t => t.Id);
    }

    /// <summary>The topics that come with the product.</summary>
    public static TopicLibrary Default => Packaged.Value;

    /// <summary>All topics, by area and then in the order of the file.</summary>
    public IReadOnlyList<Topic> All { get; }

    /// <summary>The topics experts are trained on.</summary>
    public IReadOnlyList<Topic> Training { get; }

    /// <summary>The topics no expert ever sees in training; the base model sees them.</summary>
    public IReadOnlyList<Topic> HeldOut { get; }

    /// <summary>The topic with this id.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Topic Get(string id) => _byId.TryGetValue(id, out var topic)
        ? topic
        : throw new KeyNotFoundException($"There is no topic '{id}'.");

    /// <summary>Parses and checks topic files.</summary>
    /// <param name="files">Name (the area) and text of each.</param>
    /// <exception cref="InvalidDataException">A file breaks a rule; the message names file and line.</exception>
    internal static TopicLibrary Parse(IEnumerable<(string Name, string Text)> files)
    {
        var topics = new List<Topic>();
        var ids = new HashSet<string>();
        var statements = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (area, text) in files)
        {
            foreach (var entry in DataFile.Parse(area, text, "child", "specialist"))
            {
                var topic = Read(area, entry);
                if (!ids.Add(topic.Id)) throw DataFile.Bad(entry.Place, $"the topic '{topic.Name}' is there twice");
                Check(entry, "child", topic.Child, minWords: 4, maxWords: 16);
                Check(entry, "specialist", topic.Specialist, minWords: 8, maxWords: 23);
                foreach (var statement in topic.Child.Concat(topic.Specialist))
                {
                    if (!statements.Add(statement))
                        throw DataFile.Bad(entry.Place, $"the statement '{statement}' is there twice");
                }

                topics.Add(topic);
            }
        }

        return new TopicLibrary(topics);
    }

    private static Topic Read(string area, DataEntry entry)
    {
        string[] known = ["many", "works", "happens", "held-out"];
        if (entry.Flags.FirstOrDefault(f => !known.Contains(f)) is { } unknown)
            throw DataFile.Bad(entry.Place, $"the flag '{unknown}' is not one of {string.Join(", ", known)}");
        var bare = entry.Title.StartsWith("the ", StringComparison.Ordinal) ? entry.Title[4..] : entry.Title;
        if (bare.Length == 0) throw DataFile.Bad(entry.Place, "the topic has no name");
        return new Topic
        {
            Id = bare.ToLowerInvariant().Replace(' ', '-'),
            Name = entry.Title,
            Area = area,
            IsPlural = entry.Flags.Contains("many"),
            Works = entry.Flags.Contains("works"),
            Happens = entry.Flags.Contains("happens"),
            IsHeldOut = entry.Flags.Contains("held-out"),
            Child = entry.Lists["child"],
            Specialist = entry.Lists["specialist"],
        };
    }

    private static void Check(
        DataEntry entry, string register, IReadOnlyList<string> statements, int minWords, int maxWords)
    {
        if (statements.Count < MinStatements)
        {
            throw DataFile.Bad(
                entry.Place, $"'{entry.Title}' has {statements.Count} {register} statements; write {MinStatements}");
        }

        foreach (var statement in statements)
        {
            var words = Text.Words(statement).Count;
            var fault =
                statement.Any(c => c is < ' ' or > '~') ? "has a character outside printable ASCII"
                : !Text.IsEndMark(statement[^1]) ? "does not end with . ! or ?"
                : Text.Sentences(statement).Count != 1 ? "is more than one sentence"
                : !char.IsAsciiLetterUpper(statement[0]) ? "does not start with a capital"
                : words < minWords || words > maxWords ? $"has {words} words, not {minWords} to {maxWords}"
                : null;
            if (fault is not null) throw DataFile.Bad(entry.Place, $"'{statement}' {fault}");
        }
    }
}
