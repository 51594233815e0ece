using SoupsActors.Miniature.Corpus;

namespace SoupsActors.Miniature.Judges;

/// <summary>What an answer holds, as <see cref="InformativenessJudge"/> counts it.</summary>
/// <param name="Words">All words.</param>
/// <param name="Details">Sentences that bring at least two content words not said before.</param>
public readonly record struct AnswerContent(int Words, int Details);

/// <summary>
/// Tells concise from full answers by length and by the number of distinct details, so that neither repetition nor
/// chatter passes for information. A sentence is a detail if it holds at least two content words (neither common
/// words nor words of tone phrases) that no earlier sentence held.
/// </summary>
/// <remarks>
/// The score of P2B is details / 2 + words / 20, that of P2A its negative; an answer without any detail says nothing
/// and gets <see cref="Nothing"/> from both. Full means 3 details and 40 words or more; concise means one or two
/// details and 32 words or fewer. What lies between is neither.
/// </remarks>
public sealed class InformativenessJudge : ICriterionJudge
{
    /// <summary>The score of an answer that says nothing.</summary>
    public const double Nothing = -20;

    private readonly CorpusLexicon _lexicon;

    internal InformativenessJudge(CorpusLexicon lexicon) => _lexicon = lexicon;

    /// <inheritdoc/>
    public PreferenceDimension Dimension => PreferenceDimension.Informativeness;

    /// <inheritdoc/>
    public double TieMargin => 0.25;

    /// <summary>Counts words and distinct details.</summary>
    public AnswerContent Count(string answer)
    {
        var said = new HashSet<string>();
        int words = 0, details = 0;
        foreach (var sentence in Text.Sentences(answer))
        {
            var all = Text.Words(sentence);
            words += all.Count;
            var fresh = 0;
            foreach (var word in all)
            {
                if (_lexicon.IsContent(word) && said.Add(word)) fresh++;
            }

            if (fresh >= 2) details++;
        }

        return new AnswerContent(words, details);
    }

    /// <inheritdoc/>
    public double Score(string preferenceId, string prompt, string answer)
    {
        if (preferenceId is not ("P2A" or "P2B")) throw ExpertiseJudge.Unknown(preferenceId, Dimension);
        var (words, details) = Count(answer);
        if (details == 0) return Nothing;
        var amount = details / 2.0 + words / 20.0;
        return preferenceId == "P2B" ? amount : -amount;
    }

    /// <inheritdoc/>
    public bool Satisfies(string preferenceId, string answer)
    {
        var (words, details) = Count(answer);
        return preferenceId switch
        {
            "P2A" => details is 1 or 2 && words <= 32,
            "P2B" => details >= 3 && words >= 40,
            _ => throw ExpertiseJudge.Unknown(preferenceId, Dimension),
        };
    }
}
