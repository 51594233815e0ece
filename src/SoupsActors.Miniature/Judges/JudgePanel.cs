using SoupsActors.Learning.Judging;
using SoupsActors.Miniature.Corpus;

namespace SoupsActors.Miniature.Judges;

/// <summary>The judges of all three dimensions behind one door: each call goes to the preference's own judge.</summary>
public sealed class JudgePanel
{
    private static readonly Lazy<JudgePanel> Packaged =
        new(() => new JudgePanel(TopicLibrary.Default.All, TonePhrases.Default.Values));

    private readonly ICriterionJudge[] _judges;

    /// <summary>Judges whose lexicons come from the given topics and phrases.</summary>
    public JudgePanel(IEnumerable<Topic> topics, IEnumerable<TonePhrases> tones)
    {
        var lexicon = new CorpusLexicon(topics, tones);
        Expertise = new ExpertiseJudge(lexicon);
        Informativeness = new InformativenessJudge(lexicon);
        Tone = new ToneJudge(lexicon);
        Sanity = new LanguageSanity(lexicon);
        _judges = [Expertise, Informativeness, Tone];
    }

    /// <summary>The judges over the topics and phrases that come with the product.</summary>
    public static JudgePanel Default => Packaged.Value;

    /// <summary>The judge of P1A and P1B.</summary>
    public ExpertiseJudge Expertise { get; }

    /// <summary>The judge of P2A and P2B.</summary>
    public InformativenessJudge Informativeness { get; }

    /// <summary>The judge of P3A to P3D.</summary>
    public ToneJudge Tone { get; }

    /// <summary>Measures of the language itself, to print beside the criteria.</summary>
    public LanguageSanity Sanity { get; }

    /// <summary>The judge of a preference's dimension.</summary>
    /// <exception cref="ArgumentException">There is no such preference.</exception>
    public ICriterionJudge For(string preferenceId) => _judges[(int)Preferences.Get(preferenceId).Dimension];

    /// <inheritdoc cref="ICriterionJudge.Score"/>
    public double Score(string preferenceId, string prompt, string answer) =>
        For(preferenceId).Score(preferenceId, prompt, answer);

    /// <inheritdoc cref="ICriterionJudge.Satisfies"/>
    public bool Satisfies(string preferenceId, string answer) => For(preferenceId).Satisfies(preferenceId, answer);

    /// <summary>Whether an answer meets every one of several criteria, as a combination asks.</summary>
    public bool SatisfiesAll(IEnumerable<Preference> preferences, string answer) =>
        preferences.All(p => Satisfies(p.Id, answer));

    /// <inheritdoc cref="ICriterionJudge.Compare"/>
    public Judgement Compare(string preferenceId, string answerA, string answerB) =>
        For(preferenceId).Compare(preferenceId, answerA, answerB);

    /// <summary>
    /// The aggregated judgement of the seed paper: the criteria are judged separately, each counts +1, 0 or -1, and the
    /// sign of the sum decides.
    /// </summary>
    public Judgement CompareAll(IEnumerable<Preference> preferences, string answerA, string answerB) =>
        (Judgement)Math.Sign(preferences.Sum(p => (int)Compare(p.Id, answerA, answerB)));
}
