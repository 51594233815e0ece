using System.Collections.Frozen;
using SoupsActors.Miniature.Corpus;

namespace SoupsActors.Miniature.Judges;

/// <summary>Which words the corpus uses where; all the judges' knowledge is derived from it.</summary>
public sealed class CorpusLexicon
{
    /// <summary>Words too common to tell or to count as content.</summary>
    private const string StopWords =
        "a an the this that these those it its they them their he she his her we us our you your i me my in on of to "
        + "at by for from with into onto as is are was were be been am do does did has have had can could will would "
        + "not no and or but so if than then when while which who what how there here some most many more very all "
        + "each every also plus moreover furthermore addition just like";

    internal CorpusLexicon(IEnumerable<Topic> topics, IEnumerable<TonePhrases> tones)
    {
        Tones = [.. tones];
        Topics = [.. topics];
        Child = CountSentences(Topics.SelectMany(t => t.Child));
        Specialist = CountSentences(Topics.SelectMany(t => t.Specialist));
        ToneWords = Tones.SelectMany(t => t.All).SelectMany(Text.Words).ToFrozenSet();
        Stop = StopWords.Split(' ').ToFrozenSet();
        Known = Child.Keys.Concat(Specialist.Keys).Concat(ToneWords)
            .Concat(CorpusGenerator.Connectives.SelectMany(Text.Words)).ToFrozenSet();
    }

    /// <summary>The topics it was built from.</summary>
    internal IReadOnlyList<Topic> Topics { get; }

    /// <summary>The phrases it was built from.</summary>
    internal IReadOnlyList<TonePhrases> Tones { get; }

    /// <summary>Word to the number of child statements that use it.</summary>
    internal FrozenDictionary<string, int> Child { get; }

    /// <summary>Word to the number of specialist statements that use it.</summary>
    internal FrozenDictionary<string, int> Specialist { get; }

    /// <summary>Every word of a turn of phrase.</summary>
    internal FrozenSet<string> ToneWords { get; }

    /// <summary>Every word the corpus can produce.</summary>
    internal FrozenSet<string> Known { get; }

    private FrozenSet<string> Stop { get; }

    /// <summary>Whether a word carries subject matter: neither common nor part of any turn of phrase.</summary>
    internal bool IsContent(string word) => !Stop.Contains(word) && !ToneWords.Contains(word);

    private static FrozenDictionary<string, int> CountSentences(IEnumerable<string> statements)
    {
        var counts = new Dictionary<string, int>();
        foreach (var word in statements.SelectMany(s => Text.Words(s).Distinct()))
            counts[word] = counts.GetValueOrDefault(word) + 1;
        return counts.ToFrozenDictionary();
    }
}
