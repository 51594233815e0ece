using SoupsActors.Miniature.Corpus;

namespace SoupsActors.Miniature.Judges;

/// <summary>Measures of an answer's language and truth.</summary>
/// <param name="KnownWords">Share of words the corpus knows, 0 to 1; 0 for an empty answer.</param>
/// <param name="RepeatedPhrases">Share of four-word runs that were said before in the answer, 0 to 1.</param>
/// <param name="Statements">Sentences that are no turn of phrase.</param>
/// <param name="TrueStatements">Of these, how many are, word for word, statements about the topic asked about.</param>
/// <param name="ForeignStatements">Of these, how many are statements about another topic.</param>
public readonly record struct SanityReport(
    double KnownWords, double RepeatedPhrases, int Statements, int TrueStatements, int ForeignStatements)
{
    /// <summary>Share of statements that are true of the topic, 0 to 1; 0 where there is no statement.</summary>
    public double Truth => Statements == 0 ? 0 : (double)TrueStatements / Statements;
}

/// <summary>
/// Checks that an answer is still language about its topic: a style means nothing if the words are broken. Truth is by
/// exact match (case and connectives aside) with the topic's statements, so a correct paraphrase counts as not true.
/// </summary>
public sealed class LanguageSanity
{
    private readonly CorpusLexicon _lexicon;
    private readonly HashSet<string> _phrases;
    private readonly Dictionary<string, string> _topicOf = [];
    private readonly string[] _connectives;

    internal LanguageSanity(CorpusLexicon lexicon)
    {
        _lexicon = lexicon;
        var phrases = lexicon.Tones.SelectMany(t => t.All).SelectMany(Text.Sentences);
        _phrases = [.. phrases.Select(s => s.ToLowerInvariant())];
        _connectives = [.. CorpusGenerator.Connectives.Select(c => c.ToLowerInvariant())];
        foreach (var topic in lexicon.Topics)
        {
            foreach (var statement in topic.Child.Concat(topic.Specialist))
                _topicOf[statement.ToLowerInvariant()] = topic.Id;
        }
    }

    /// <summary>Every word the corpus can produce in an answer, in lower case.</summary>
    public IReadOnlyCollection<string> Vocabulary => _lexicon.Known;

    /// <summary>Measures one answer to a question about a topic.</summary>
    public SanityReport Check(Topic topic, string answer)
    {
        int statements = 0, own = 0, foreign = 0;
        foreach (var sentence in Text.Sentences(answer))
        {
            var bare = sentence.ToLowerInvariant();
            if (_phrases.Contains(bare)) continue;
            statements++;
            if (!_topicOf.TryGetValue(bare, out var of)
                && !_topicOf.TryGetValue(WithoutConnective(bare), out of)) continue;
            if (of == topic.Id) own++;
            else foreign++;
        }

        return new SanityReport(KnownWords(answer), RepeatedPhrases(answer), statements, own, foreign);
    }

    /// <summary>Share of words that occur anywhere in the corpus; 0 for an empty text.</summary>
    public double KnownWords(string text)
    {
        var words = Text.Words(text);
        return words.Count == 0 ? 0 : words.Count(_lexicon.Known.Contains) / (double)words.Count;
    }

    /// <summary>Share of the runs of <paramref name="length"/> words that occurred before; 0 for short texts.</summary>
    public static double RepeatedPhrases(string text, int length = 4)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        var words = Text.Words(text);
        var runs = words.Count - length + 1;
        if (runs <= 0) return 0;
        var seen = new HashSet<string>();
        var repeated = 0;
        for (var i = 0; i < runs; i++)
        {
            if (!seen.Add(string.Join(' ', words.Skip(i).Take(length)))) repeated++;
        }

        return repeated / (double)runs;
    }

    private string WithoutConnective(string sentence)
    {
        foreach (var connective in _connectives)
        {
            if (sentence.StartsWith(connective, StringComparison.Ordinal)) return sentence[connective.Length..];
        }

        return sentence;
    }
}
