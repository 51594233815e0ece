using SoupsActors.Feedback;

namespace SoupsActors.Dashboard.Data.Feed;

/// <summary>Who is best in a ranking, in words.</summary>
internal static class RankedBest
{
    /// <summary>Such as “Ranked 3 answers, best “X””; a tie of all answers has no best one.</summary>
    /// <param name="ranking">The ranking; smaller ranks are better, and equal ones tied.</param>
    /// <param name="all">What is said of a ranking by the number of its answers, such as “Ranked 3 answers”.</param>
    /// <param name="best">What is said of the best answer by its place among the answers.</param>
    public static string Describe(RankingFeedback ranking, Func<int, string> all, Func<int, string> best)
    {
        var count = ranking.Answers.Length;
        if (ranking.Ranks is not { } ranks)
            return $"{all(count)}, best {best(0)}";
        var least = ranks.Min();
        var tied = ranks.Count(rank => rank == least);
        if (tied == ranks.Length)
            return $"A tie of {count} answers";
        var words = $"{all(count)}, best {best(Array.IndexOf(ranks, least))}";
        return tied == 1 ? words : $"{words} and {tied - 1} more";
    }
}
