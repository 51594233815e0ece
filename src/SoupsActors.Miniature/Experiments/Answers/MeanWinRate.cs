using SoupsActors.Learning.Judging;

namespace SoupsActors.Miniature.Experiments.Answers;

/// <summary>
/// The mean over combinations of a win rate W / (W + L), with an interval that knows that every combination was asked
/// the same questions: questions are drawn with replacement, and each brings its judgements of all combinations.
/// </summary>
/// <param name="Rate">The mean; a combination that is all ties counts one half.</param>
/// <param name="Lower">Lower end of the 95 % bootstrap interval.</param>
/// <param name="Upper">Upper end.</param>
internal readonly record struct MeanWinRate(double Rate, double Lower, double Upper)
{
    private const int Resamples = 2000;

    /// <param name="judgements">For each combination one judgement a question, in one order of questions.</param>
    /// <param name="random">Draws the questions.</param>
    public static MeanWinRate Of(IReadOnlyList<Judgement[]> judgements, Random random)
    {
        var questions = judgements[0].Length;
        var all = Enumerable.Range(0, questions).ToArray();
        var drawn = new double[Resamples];
        var sample = new int[questions];
        for (var r = 0; r < Resamples; r++)
        {
            for (var q = 0; q < questions; q++)
                sample[q] = random.Next(questions);
            drawn[r] = Mean(judgements, sample);
        }

        Array.Sort(drawn);
        return new MeanWinRate(
            Mean(judgements, all), drawn[(int)(0.025 * Resamples)], drawn[(int)(0.975 * Resamples) - 1]);
    }

    private static double Mean(IReadOnlyList<Judgement[]> judgements, int[] questions) => judgements.Average(of =>
    {
        var counts = WinTieLoss.Of(questions.Select(q => of[q]));
        return counts.Wins + counts.Losses == 0 ? 0.5 : counts.WinRate;
    });
}
