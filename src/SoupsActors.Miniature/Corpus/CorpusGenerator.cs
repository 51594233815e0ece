using System.Collections.Immutable;

namespace SoupsActors.Miniature.Corpus;

/// <summary>Which topics and question forms a sample may be drawn from.</summary>
public enum CorpusSplit
{
    /// <summary>All topics, all forms: what the base model learns from.</summary>
    Base,

    /// <summary>The training topics only, all forms: what experts learn from.</summary>
    Expert,

    /// <summary>The held-out topics in the evaluation forms: what nothing but the base has seen.</summary>
    HeldOut,
}

/// <summary>A question and an answer in a known style.</summary>
/// <param name="Prompt">The question, followed by the prompts of <paramref name="Stated"/>; no chat template.</param>
/// <param name="Answer">The answer, one line of ASCII text.</param>
/// <param name="Topic">What is asked about.</param>
/// <param name="Form">How it is asked.</param>
/// <param name="Style">The style of the answer, every part set.</param>
/// <param name="Stated">The preferences whose sentences are in the prompt, in that order.</param>
public sealed record CorpusSample(
    string Prompt, string Answer, Topic Topic, QuestionForm Form, Style Style, ImmutableArray<Preference> Stated);

/// <summary>
/// Writes questions and answers about <see cref="TopicLibrary"/> in any <see cref="Style"/>. All chance comes from the
/// <see cref="Random"/> passed in: the same seed gives the same text.
/// </summary>
public sealed class CorpusGenerator
{
    private static readonly string[] ChildConnectives = ["Also, ", "And ", "Plus, "];
    private static readonly string[] SpecialistConnectives = ["Moreover, ", "Furthermore, ", "In addition, "];

    /// <summary>First words that lose their capital after a connective; any other may be a name.</summary>
    private static readonly HashSet<string> Lowerable =
    [
        "It", "They", "The", "A", "An", "When", "Some", "Most", "Many", "Its", "Their", "This", "These", "In", "Each",
        "Every", "One", "As", "If", "Because", "Without", "Other", "Both", "All", "People", "On", "At", "From",
    ];

    private static readonly Lazy<CorpusGenerator> Packaged =
        new(() => new CorpusGenerator(TopicLibrary.Default, TonePhrases.Default));

    private readonly IReadOnlyDictionary<Tone, TonePhrases> _tones;

    /// <summary>A generator over the given topics and phrases.</summary>
    public CorpusGenerator(TopicLibrary topics, IReadOnlyDictionary<Tone, TonePhrases> tones)
    {
        Topics = topics;
        _tones = tones;
    }

    /// <summary>The generator over the topics and phrases that come with the product.</summary>
    public static CorpusGenerator Default => Packaged.Value;

    /// <summary>The topics it writes about.</summary>
    public TopicLibrary Topics { get; }

    /// <summary>The words that may precede a detail in a full answer, each with its comma and space.</summary>
    internal static IEnumerable<string> Connectives => ChildConnectives.Concat(SpecialistConnectives);

    /// <summary>The held-out topics, each in both evaluation forms, in a fixed order.</summary>
    public IEnumerable<(Topic Topic, QuestionForm Form)> EvaluationQuestions() =>
        from topic in Topics.HeldOut
        from form in QuestionForm.Evaluation
        select (topic, form);

    /// <summary>The bare question.</summary>
    public static string Question(Topic topic, QuestionForm form) => form.Ask(topic);

    /// <summary>The question followed by the preferences' sentences, separated by spaces.</summary>
    public static string Prompt(Topic topic, QuestionForm form, params IEnumerable<Preference> stated) =>
        string.Join(' ', stated.Select(p => p.Prompt).Prepend(form.Ask(topic)));

    /// <summary>Fills the open parts of a style: either pole, and any of the five tones, with equal chance.</summary>
    public static Style Realise(Style style, Random rng)
    {
        // Each part draws whether it is open or not, so that a constraint leaves the rest of the stream in place.
        var expertise = (Expertise)rng.Next(2);
        var informativeness = (Informativeness)rng.Next(2);
        var tone = (Tone)rng.Next(5);
        return new Style(
            style.Expertise ?? expertise, style.Informativeness ?? informativeness, style.Tone ?? tone);
    }

    /// <summary>
    /// An answer: concise is one opening and the core statement; full is an opening, the core, its details, perhaps an
    /// interjection among them, and a closing. A neutral tone has statements alone. Open parts of the style are drawn.
    /// </summary>
    public string Answer(Topic topic, Style style, Random rng)
    {
        style = Realise(style, rng);
        var phrases = style.Tone == Tone.Neutral ? null : _tones[style.Tone!.Value];
        var statements = topic.Statements(style.Expertise!.Value);
        var parts = new List<string>();
        if (phrases is not null) parts.Add(Pick(phrases.Openings, rng));
        if (style.Informativeness == Informativeness.Concise)
        {
            parts.Add(statements[0]);
            return string.Join(' ', parts);
        }

        var connectives = style.Expertise == Expertise.Child ? ChildConnectives : SpecialistConnectives;
        var interjectAfter = phrases is not null && rng.NextDouble() < 0.5 ? rng.Next(1, statements.Count) : 0;
        parts.Add(statements[0]);
        for (var i = 1; i < statements.Count; i++)
        {
            if (i == interjectAfter) parts.Add(Pick(phrases!.Interjections, rng));
            parts.Add(rng.NextDouble() < 0.15 ? Connect(Pick(connectives, rng), statements[i]) : statements[i]);
        }

        if (phrases is not null) parts.Add(Pick(phrases.Closings, rng));
        return string.Join(' ', parts);
    }

    /// <summary>A sample for the given constraints.</summary>
    /// <param name="split">Where topic and form come from.</param>
    /// <param name="style">What the answer's style must be; open parts are drawn.</param>
    /// <param name="withPreferenceSentences">
    /// Whether the prompt states 1 to 3 of the answer's own preferences, in any order. A neutral tone has no
    /// sentence, so such a sample states at most two.
    /// </param>
    /// <param name="rng">The source of all chance.</param>
    public CorpusSample Sample(CorpusSplit split, Style style, bool withPreferenceSentences, Random rng)
    {
        var topic = Pick(
            split switch
            {
                CorpusSplit.Expert => Topics.Training,
                CorpusSplit.HeldOut => Topics.HeldOut,
                _ => Topics.All,
            },
            rng);
        IReadOnlyList<QuestionForm> forms = split == CorpusSplit.HeldOut ? QuestionForm.Evaluation : QuestionForm.All;
        var form = Pick<QuestionForm>([.. forms.Where(f => f.Fits(topic))], rng);
        style = Realise(style, rng);
        ImmutableArray<Preference> stated = [];
        if (withPreferenceSentences)
        {
            var own = style.Preferences().ToArray();
            rng.Shuffle(own);
            stated = [.. own.Take(rng.Next(1, own.Length + 1))];
        }

        return new CorpusSample(
            Prompt(topic, form, stated), Answer(topic, style, rng), topic, form, style, stated);
    }

    /// <summary>
    /// A sample for the base model: any style, and in half of the cases the prompt states some of it. So the base
    /// follows sentences it is given and is a mixture of all styles where it is given none, which leaves experts
    /// something to move.
    /// </summary>
    public CorpusSample BaseSample(Random rng) =>
        Sample(CorpusSplit.Base, Style.Any, withPreferenceSentences: rng.Next(2) == 0, rng);

    private static string Connect(string connective, string statement)
    {
        var first = statement[..Math.Max(0, statement.IndexOf(' ', StringComparison.Ordinal))];
        return Lowerable.Contains(first)
            ? connective + char.ToLowerInvariant(statement[0]) + statement[1..]
            : statement;
    }

    private static T Pick<T>(IReadOnlyList<T> items, Random rng) => items[rng.Next(items.Count)];
}
