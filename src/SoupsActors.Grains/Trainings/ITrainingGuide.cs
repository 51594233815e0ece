using SoupsActors.Learning.Judging;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings;

/// <summary>What a server knows about preferences beyond their feedback: judges, and prompts to practise on.</summary>
public interface ITrainingGuide
{
    /// <summary>Rules that judge by a preference, or null where there are none.</summary>
    IJudge? Rules(string preference);

    /// <summary>A language model that judges by any preference, or null.</summary>
    IJudge? Chat { get; }

    /// <summary>A score of prompt and answer that is logged beside the reward; the policy never sees it.</summary>
    Func<string, string, double>? Gold(string preference);

    /// <summary>Prompts to practise on, beside those of the comparisons.</summary>
    IReadOnlyList<string> Prompts { get; }

    /// <summary>Prompts that are kept for comparing versions.</summary>
    IReadOnlyList<string> HeldOutPrompts { get; }
}

/// <summary>Knows nothing beyond the feedback.</summary>
public class TrainingGuide : ITrainingGuide
{
    /// <inheritdoc/>
    public virtual IJudge? Chat => null;

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> Prompts => [];

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> HeldOutPrompts => [];

    /// <inheritdoc/>
    public virtual IJudge? Rules(string preference) => null;

    /// <inheritdoc/>
    public virtual Func<string, string, double>? Gold(string preference) => null;
}

/// <summary>Which judge a request gets.</summary>
internal static class JudgeChoice
{
    /// <summary>The judge that a request's choice comes to: never <see cref="TrainingJudge.Auto"/>.</summary>
    /// <exception cref="SoupsException">The server has no such judge.</exception>
    public static TrainingJudge Resolve(this ITrainingGuide guide, TrainingJudge choice, string preference)
    {
        var rules = guide.Rules(preference) is not null;
        return choice switch
        {
            TrainingJudge.Auto => rules ? TrainingJudge.Rules
                : guide.Chat is not null ? TrainingJudge.Chat
                : TrainingJudge.Reward,
            TrainingJudge.Rules when !rules => throw SoupsException.Invalid(
                $"There are no rules that judge by '{preference}'. Choose auto, reward or chat.",
                "unknown_judge",
                "judge"),
            TrainingJudge.Chat when guide.Chat is null => throw SoupsException.Invalid(
                "This server has no language model for judging. Choose auto, rules or reward.",
                "unknown_judge",
                "judge"),
            _ => choice,
        };
    }
}
