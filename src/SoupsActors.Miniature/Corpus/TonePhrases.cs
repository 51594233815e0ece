namespace SoupsActors.Miniature.Corpus;

/// <summary>The turns of phrase that carry one tone.</summary>
/// <param name="Tone">The tone; never <see cref="Corpus.Tone.Neutral"/>.</param>
/// <param name="Openings">What an answer may start with.</param>
/// <param name="Closings">What a full answer may end with.</param>
/// <param name="Interjections">What may stand between two statements of a full answer.</param>
public sealed record TonePhrases(
    Tone Tone,
    IReadOnlyList<string> Openings,
    IReadOnlyList<string> Closings,
    IReadOnlyList<string> Interjections)
{
    private static readonly Lazy<IReadOnlyDictionary<Tone, TonePhrases>> Packaged =
        new(() => Parse(DataFile.Embedded("Tones")));

    /// <summary>The phrases of the four tones that come with the product, from <c>Corpus/Tones/*.txt</c>.</summary>
    public static IReadOnlyDictionary<Tone, TonePhrases> Default => Packaged.Value;

    /// <summary>Every phrase of this tone.</summary>
    public IEnumerable<string> All => Openings.Concat(Closings).Concat(Interjections);

    /// <summary>Parses and checks tone files: each tone once, enough phrases, none twice, ASCII.</summary>
    /// <exception cref="InvalidDataException">A file breaks a rule; the message names file and line.</exception>
    internal static IReadOnlyDictionary<Tone, TonePhrases> Parse(IEnumerable<(string Name, string Text)> files)
    {
        var tones = new Dictionary<Tone, TonePhrases>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, text) in files)
        {
            foreach (var entry in DataFile.Parse(name, text, "openings", "closings", "interjections"))
            {
                if (!Enum.TryParse<Tone>(entry.Title, ignoreCase: true, out var tone) || tone == Tone.Neutral)
                    throw DataFile.Bad(entry.Place, $"'{entry.Title}' is not a tone");
                var phrases = new TonePhrases(
                    tone, entry.Lists["openings"], entry.Lists["closings"], entry.Lists["interjections"]);
                if (phrases.Openings.Count < 12) throw DataFile.Bad(entry.Place, "fewer than 12 openings");
                if (phrases.Closings.Count < 10) throw DataFile.Bad(entry.Place, "fewer than 10 closings");
                foreach (var phrase in phrases.All)
                {
                    var fault =
                        phrase.Any(c => c is < ' ' or > '~') ? "has a character outside printable ASCII"
                        : !Text.IsEndMark(phrase[^1]) ? "does not end with . ! or ?"
                        : Text.Words(phrase).Count is < 2 or > 9 ? "does not have 2 to 9 words"
                        : !seen.Add(phrase) ? "is there twice"
                        : null;
                    if (fault is not null) throw DataFile.Bad(entry.Place, $"'{phrase}' {fault}");
                }

                if (!tones.TryAdd(tone, phrases)) throw DataFile.Bad(entry.Place, $"the tone {tone} is there twice");
            }
        }

        foreach (var tone in Enum.GetValues<Tone>())
        {
            if (tone != Tone.Neutral && !tones.ContainsKey(tone))
                throw new InvalidDataException($"There are no phrases for the tone {tone}.");
        }

        return tones;
    }
}
