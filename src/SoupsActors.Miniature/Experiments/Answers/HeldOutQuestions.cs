using SoupsActors.Miniature.Corpus;

namespace SoupsActors.Miniature.Experiments.Answers;

/// <summary>A question that methods are compared on.</summary>
/// <param name="Topic">What is asked about; no expert and no reward model has seen it.</param>
/// <param name="Form">How it is asked.</param>
public sealed record HeldOutQuestion(Topic Topic, QuestionForm Form)
{
    /// <summary>The bare question.</summary>
    public string Text => CorpusGenerator.Question(Topic, Form);

    /// <summary>The question followed by the sentences of preferences.</summary>
    public string Stating(IEnumerable<Preference> preferences) => CorpusGenerator.Prompt(Topic, Form, preferences);
}

/// <summary>Chooses questions about the held-out topics.</summary>
public static class HeldOutQuestions
{
    /// <summary>
    /// Different questions in a fixed order: all held-out topics in the first evaluation form, then in the second, then
    /// in the forms that follow, which training uses too but never for these topics.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    public static IReadOnlyList<HeldOutQuestion> Take(CorpusGenerator corpus, int count)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        HeldOutQuestion[] all =
        [
            .. from form in QuestionForm.All
               from topic in corpus.Topics.HeldOut
               where form.Fits(topic)
               select new HeldOutQuestion(topic, form),
        ];
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, all.Length);
        return all[..count];
    }
}
