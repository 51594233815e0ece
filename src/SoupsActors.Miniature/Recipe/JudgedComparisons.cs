using SoupsActors.Learning.Data;
using SoupsActors.Miniature.Judges;

namespace SoupsActors.Miniature.Recipe;

/// <summary>Comparisons that the programmatic judges make of a pool's answers, one preference at a time.</summary>
public static class JudgedComparisons
{
    /// <summary>
    /// A label needs scores this many times further apart than the judge's tie margin: two answers of one style differ
    /// by chance alone, and what a judge is unsure of teaches a reward model noise.
    /// </summary>
    public const double ClearMargin = 5;

    /// <summary>
    /// Draws pairs of answers to one question and labels them. Ties are left out, as annotators' ties are.
    /// </summary>
    /// <param name="pool">Answers, those to one question together.</param>
    /// <param name="judges">Decide.</param>
    /// <param name="preferenceId">The preference to judge by.</param>
    /// <param name="perQuestion">Most pairs of one question, spread over its answers.</param>
    /// <param name="clarity">Least difference of scores, in tie margins; 1 takes all that is no tie.</param>
    /// <param name="seed">Fixes which pairs are drawn.</param>
    public static IReadOnlyList<Comparison> Draw(
        AnswerPool pool, JudgePanel judges, string preferenceId, int perQuestion, double clarity, int seed)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(judges);
        var judge = judges.For(preferenceId);

        // No tone is further from another than the whole scale, so the bound stays within reach.
        var least = Math.Min(clarity * judge.TieMargin, judge.Dimension == PreferenceDimension.Style ? 0.6 : double.MaxValue);
        var random = new Random(seed);
        var comparisons = new List<Comparison>();
        foreach (var question in pool.Answers.GroupBy(a => a.Question, StringComparer.Ordinal))
        {
            var answers = question.Select(a => (a.Answer, Score: judge.Score(preferenceId, a.Question, a.Answer))).ToArray();
            var pairs = (
                from a in Enumerable.Range(0, answers.Length)
                from b in Enumerable.Range(0, a)
                where Math.Abs(answers[a].Score - answers[b].Score) >= least
                select answers[a].Score > answers[b].Score ? (Best: a, Worst: b) : (Best: b, Worst: a)).ToArray();
            random.Shuffle(pairs);
            comparisons.AddRange(pairs.Take(perQuestion).Select(p =>
                new Comparison(question.Key, answers[p.Best].Answer, answers[p.Worst].Answer)
                {
                    Preference = preferenceId,
                    Source = "judge",
                }));
        }

        return comparisons;
    }
}
