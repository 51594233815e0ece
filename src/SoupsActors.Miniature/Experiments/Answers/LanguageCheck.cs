using SoupsActors.Learning;
using SoupsActors.Learning.Supervised;
using SoupsActors.Miniature.Judges;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Experiments.Answers;

/// <summary>Whether a method's answers are still language, in the mean over all its answers.</summary>
/// <param name="Method">The method.</param>
/// <param name="LogLikelihood">
/// Log-likelihood per token of answer given the bare question under the base, in nats.
/// </param>
/// <param name="RepeatedPhrases">Share of four-word runs that the answer had said before.</param>
/// <param name="KnownWords">Share of words that the corpus knows.</param>
/// <param name="Truth">Share of statements that are, word for word, true ones of the topic.</param>
/// <param name="Words">Length in words.</param>
/// <param name="Ended">Share of answers that ended by themselves.</param>
internal sealed record LanguageMeasures(
    string Method,
    double LogLikelihood,
    double RepeatedPhrases,
    double KnownWords,
    double Truth,
    double Words,
    double Ended);

/// <summary>Measures language under the base and by the lexicon of the corpus.</summary>
internal sealed class LanguageCheck(LearningModel model, JudgePanel judges)
{
    private const int AnswersPerBatch = 32;

    /// <summary>Measures answers, given in the order of the questions, perhaps several times over.</summary>
    public LanguageMeasures Measure(
        string method,
        IReadOnlyList<(HeldOutQuestion Question, StoredAnswer Answer)> answers,
        CancellationToken cancellationToken = default)
    {
        var sanity = answers.Select(a => judges.Sanity.Check(a.Question.Topic, a.Answer.Text)).ToArray();
        return new LanguageMeasures(
            method,
            LogLikelihood(answers, cancellationToken),
            sanity.Average(s => s.RepeatedPhrases),
            sanity.Average(s => s.KnownWords),
            (double)sanity.Sum(s => s.TrueStatements) / Math.Max(1, sanity.Sum(s => s.Statements)),
            answers.Average(a => judges.Informativeness.Count(a.Answer.Text).Words),
            answers.Average(a => a.Answer.Ended ? 1.0 : 0));
    }

    /// <summary>Mean over all tokens of log π of the base, whose adapter is switched off meanwhile.</summary>
    private double LogLikelihood(
        IReadOnlyList<(HeldOutQuestion Question, StoredAnswer Answer)> answers, CancellationToken cancellationToken)
    {
        var other = model.Transformer.Adapter;
        model.Transformer.Adapter = null;
        try
        {
            using var tape = new Tape(model.Transformer.Backend, recording: false);
            double sum = 0;
            long tokens = 0;
            foreach (var chunk in answers.Chunk(AnswersPerBatch))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var batch = TrainingBatch.Pack([.. chunk.Select(Example)]);
                var losses = model.Transformer.Logits(tape, batch.Sequences).CrossEntropy(batch.Targets).ToArray();
                sum -= losses.Where((_, row) => batch.Targets[row] >= 0).Sum(loss => (double)loss);
                tokens += batch.TargetCount;
                tape.Reset();
            }

            return sum / Math.Max(1, tokens);
        }
        finally
        {
            model.Transformer.Adapter = other;
        }
    }

    private TrainingExample Example((HeldOutQuestion Question, StoredAnswer Answer) item)
    {
        var answer = model.Format.Answer(item.Answer.Text);
        // An answer that was cut has no end token to be likely or not.
        var learned = item.Answer.Ended ? answer : answer[..^1];
        return TrainingExample.Create(model.Format.Prompt(item.Question.Text), learned);
    }
}
