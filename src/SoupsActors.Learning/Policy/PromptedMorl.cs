using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Learning.Policy;

/// <summary>
/// Prompted multi-objective reinforcement learning, the joint baseline of Personalized Soups (Jang et al. 2023, section
/// 3.2): one policy is trained by PPO on questions that state a random combination of preferences, and earns the mean
/// of the reward models of the stated ones. It must have seen every combination it is to serve, where soups need one
/// expert a preference.
/// </summary>
/// <remarks>
/// Rewards score the response. The paper's released code scores the prompt alone, so that every answer to it earns the
/// same, and finds preferences by their words; here they are known by the ids of <see
/// cref="RolloutPrompt.Preferences"/>.
/// </remarks>
public sealed record PromptedMorl
{
    /// <summary>The questions without any preferences, at least one.</summary>
    public required IReadOnlyList<RolloutPrompt> Questions { get; init; }

    /// <summary>The combinations of preference ids that are drawn, at least one, none empty.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Combinations { get; init; }

    /// <summary>The sentences that ask for preferences.</summary>
    public required PreferencePrompts Words { get; init; }

    /// <summary>Text to tokens.</summary>
    public required ConversationFormat Format { get; init; }

    /// <summary>
    /// For each preference's id the reward that measures it on an answer. A reward model that was trained on bare
    /// questions shall read <see cref="RolloutPrompt.QuestionTokens"/>: sentences that it has never seen shift its scores.
    /// </summary>
    public required IReadOnlyDictionary<string, IRewardSource> Rewards { get; init; }

    /// <summary>Questions of a step, at least 1. The paper: 64.</summary>
    public int QuestionsPerStep { get; init; } = 64;

    /// <summary>Fixes questions and combinations.</summary>
    public ulong Seed { get; init; }

    /// <summary>The prompts of a step, numbered from 1: each a question with a combination, both drawn.</summary>
    public IReadOnlyList<RolloutPrompt> Prompts(int step)
    {
        var seed = RolloutSeeds.Of(Seed, step);
        return [.. Enumerable.Range(0, QuestionsPerStep).Select(i =>
        {
            var question = Draw(Questions, 2 * i);
            return Words.Ask(Format, question.Text, Draw(Combinations, 2 * i + 1), question.Topic);
        })];

        T Draw<T>(IReadOnlyList<T> items, int part) => items[(int)(RolloutSeeds.Of(seed, part) % (ulong)items.Count)];
    }

    /// <summary>What <see cref="PpoTraining"/> trains the policy in; hooks may be added.</summary>
    /// <param name="baseHash">Content hash of the base.</param>
    /// <param name="rollouts">Samples answers from the current policy.</param>
    /// <exception cref="ArgumentException">
    /// There is nothing to draw, or a preference has no reward or no sentence.
    /// </exception>
    public PpoEnvironment Environment(string baseHash, IRolloutSource rollouts)
    {
        if (Questions.Count == 0 || QuestionsPerStep < 1)
            throw new ArgumentException("There must be a question, and at least one a step.");
        if (Combinations.Count == 0 || Combinations.Any(c => c.Count == 0))
            throw new ArgumentException("There must be a combination, and none may be empty.");
        foreach (var preference in Combinations.SelectMany(c => c).Distinct())
        {
            if (!Rewards.ContainsKey(preference))
                throw new ArgumentException($"There is no reward for the preference '{preference}'.");
            _ = Words.Append("", preference);
        }

        return new PpoEnvironment
        {
            BaseHash = baseHash,
            Prompts = Prompts,
            Rollouts = rollouts,
            Reward = CombinationReward.OfPreferences(Rewards),
        };
    }
}
