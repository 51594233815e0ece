using System.Collections.Frozen;
using SoupsActors.Miniature.Corpus;

namespace SoupsActors.Miniature.Judges;

/// <summary>
/// Tells the specialist's register from the child's by vocabulary level: the mean over the answer's words of how much
/// more often specialist statements use the word than child statements do, plus a share for mean word length.
/// </summary>
/// <remarks>
/// A word's weight is log((s + a) / S) - log((c + a) / C), with s and c the numbers of specialist and child
/// statements that hold it, S and C their sums over all words, a = 0.5, clipped to ±<see cref="Clip"/>: words of one
/// register only weigh most, shared words about nothing, unknown words nothing. Words of tone phrases and common
/// words do not count, so the tone cannot move the score. The zero lies midway between the means of the corpus' child
/// and specialist statements.
/// </remarks>
public sealed class ExpertiseJudge : ICriterionJudge
{
    private const double Smoothing = 0.5;
    private const double Clip = 2;

    /// <summary>Weight of one letter of mean word length; the registers differ by about two letters.</summary>
    private const double PerLetter = 0.25;

    private readonly CorpusLexicon _lexicon;
    private readonly FrozenDictionary<string, double> _weights;
    private readonly double _zero;

    internal ExpertiseJudge(CorpusLexicon lexicon)
    {
        _lexicon = lexicon;
        var weights = new Dictionary<string, double>();
        double child = lexicon.Child.Values.Sum(), specialist = lexicon.Specialist.Values.Sum();
        foreach (var word in lexicon.Child.Keys.Union(lexicon.Specialist.Keys).Where(lexicon.IsContent))
        {
            var s = (lexicon.Specialist.GetValueOrDefault(word) + Smoothing) / specialist;
            var c = (lexicon.Child.GetValueOrDefault(word) + Smoothing) / child;
            weights[word] = Math.Clamp(Math.Log(s / c), -Clip, Clip);
        }

        _weights = weights.ToFrozenDictionary();
        _zero = (Mean(t => t.Child) + Mean(t => t.Specialist)) / 2;

        double Mean(Func<Topic, IEnumerable<string>> statements) =>
            lexicon.Topics.SelectMany(statements).Average(s => Level(s) ?? 0);
    }

    /// <inheritdoc/>
    public PreferenceDimension Dimension => PreferenceDimension.Expertise;

    /// <inheritdoc/>
    public double TieMargin => 0.1;

    /// <summary>The signed level: above 0 a specialist's, below 0 a child's, 0 with nothing to judge.</summary>
    public double Register(string answer) => Level(answer) is { } level ? level - _zero : 0;

    /// <inheritdoc/>
    public double Score(string preferenceId, string prompt, string answer) => preferenceId switch
    {
        "P1A" => -Register(answer),
        "P1B" => Register(answer),
        _ => throw Unknown(preferenceId, Dimension),
    };

    /// <inheritdoc/>
    public bool Satisfies(string preferenceId, string answer) => Score(preferenceId, "", answer) > 0;

    internal static ArgumentException Unknown(string preferenceId, PreferenceDimension dimension) =>
        new($"'{preferenceId}' is not a preference of the dimension {dimension}.", nameof(preferenceId));

    private double? Level(string text)
    {
        double sum = 0, letters = 0;
        var count = 0;
        foreach (var word in Text.Words(text))
        {
            if (!_lexicon.IsContent(word)) continue;
            sum += _weights.GetValueOrDefault(word);
            letters += word.Length;
            count++;
        }

        return count == 0 ? null : (sum + PerLetter * letters) / count;
    }
}
