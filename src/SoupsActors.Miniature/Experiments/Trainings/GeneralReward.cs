using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Judges;

namespace SoupsActors.Miniature.Experiments.Trainings;

/// <summary>
/// What plain RLHF calls good for everybody, "helpfulness": different true statements about the topic, up to four, each
/// a quarter; statements about other topics and repetition cost. Nobody's preference enters it.
/// </summary>
internal static class GeneralReward
{
    /// <summary>Two answers that differ by less are a tie: one statement.</summary>
    public const double TieMargin = 0.25;

    private const int EnoughStatements = 4;

    /// <summary>The rule.</summary>
    public static double Score(JudgePanel judges, TopicLibrary topics, string topic, string answer)
    {
        var check = judges.Sanity.Check(topics.Get(topic), answer);
        var told = Math.Min(EnoughStatements, check.TrueStatements) / (double)EnoughStatements;
        return told - 0.25 * check.ForeignStatements - 2 * check.RepeatedPhrases;
    }
}
