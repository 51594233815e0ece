using SoupsActors.Learning.Rewards;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Judges;

namespace SoupsActors.Miniature.Experiments.Trainings;

/// <summary>
/// The one general reward of plain RLHF, "helpfulness": different true statements about the topic, up to four, each a
/// quarter; statements about other topics and repetition cost. Nobody's preference enters it.
/// </summary>
internal static class GeneralReward
{
    private const int EnoughStatements = 4;

    public static RuleReward Create(JudgePanel judges, TopicLibrary topics) => new("helpfulness", rollout =>
    {
        var topic = topics.Get(rollout.Prompt.Topic
            ?? throw new InvalidOperationException($"The prompt '{rollout.Prompt.Text}' does not say its topic."));
        var check = judges.Sanity.Check(topic, rollout.Text);
        var told = Math.Min(EnoughStatements, check.TrueStatements) / (double)EnoughStatements;
        return told - 0.25 * check.ForeignStatements - 2 * check.RepeatedPhrases;
    });
}
