using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Learning.Tests.Rewards;

public sealed class CombinationRewardTests
{
    private readonly Counting length = new("length", r => r.Response.Length);
    private readonly Counting ends = new("ends", r => r.Ended ? 10 : 0);
    private readonly Counting first = new("first", r => r.Response[0]);

    [Fact]
    public async Task Fixed_weights_are_normalised_by_their_sum()
    {
        var reward = CombinationReward.Weighted((length, 1), (ends, 3));
        var scores = await Score(reward, Answer([7, 8], true), Answer([1, 2, 3, 4, 5], false));
        Assert.Equal([(1 * 2 + 3 * 10) / 4.0, 5 / 4.0], scores);
    }

    [Fact]
    public async Task Each_prompt_earns_the_mean_of_its_own_preferences()
    {
        var reward = ByPreference();
        var scores = await Score(
            reward,
            Answer([7, 8], true, "P1A"),
            Answer([7, 8], true, "P1A", "P2B"),
            Answer([7, 8, 9, 9], true, "P3A", "P2B", "P1A"));
        Assert.Equal([2, (2 + 10) / 2.0, (4 + 10 + 7) / 3.0], scores.Select(s => Math.Round(s, 12)));
    }

    [Fact]
    public async Task Rewards_that_nobody_wants_are_not_asked_and_others_in_one_call()
    {
        await Score(
            ByPreference(), Answer([1], true, "P1A"), Answer([2], true, "P1A", "P2B"), Answer([3], true, "P1A"));
        Assert.Equal([3], length.Calls);
        Assert.Equal([1], ends.Calls);
        Assert.Empty(first.Calls);
        await Score(CombinationReward.Weighted((length, 1), (first, 0)), Answer([1], true));
        Assert.Empty(first.Calls);
    }

    /// <summary>The released code of Personalized Soups scores query and preference without the response.</summary>
    [Fact]
    public async Task Different_responses_to_the_same_prompt_earn_different_rewards()
    {
        var prompt = new RolloutPrompt("Why? Be brief. Be kind.", [1, 2, 3]) { Preferences = ["P1A", "P3A"] };
        var scores = await Score(
            ByPreference(), new Rollout(prompt, [4], true, "four"), new Rollout(prompt, [9, 9, 9], true, "nines"));
        Assert.NotEqual(scores[0], scores[1]);
    }

    /// <summary>The released code finds a preference by its sentence in the prompt.</summary>
    [Fact]
    public async Task Preferences_are_known_by_id_whatever_the_words_say()
    {
        var misleading = new RolloutPrompt("Respond in an unfriendly manner.", [1]) { Preferences = ["P1A"] };
        var scores = await Score(ByPreference(), new Rollout(misleading, [5, 6], true, ""));
        Assert.Equal([2.0], scores);
    }

    [Fact]
    public async Task Rewards_at_single_tokens_are_combined_too()
    {
        var reward = CombinationReward.Weighted((new PerToken(2), 1), (length, 1), (new PerToken(4), 2));
        var signals = await reward.ScoreAsync([Answer([1, 2, 3], true)], TestContext.Current.CancellationToken);
        Assert.Equal(3 / 4.0, signals[0].Score);
        Assert.Equal([(2 + 2 * 4) / 4f, 2.5f, 2.5f], signals[0].PerToken!);
    }

    [Fact]
    public async Task Missing_preferences_and_bad_weights_are_named()
    {
        var unknown = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Score(ByPreference(), Answer([1], true, "P9Z")));
        Assert.Contains("P9Z", unknown.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Score(ByPreference(), Answer([1], true)));
        Assert.Throws<ArgumentException>(() => CombinationReward.Weighted((length, -1), (ends, 2)));
        Assert.Throws<ArgumentException>(() => CombinationReward.Weighted((length, 0)));
    }

    private CombinationReward ByPreference() => CombinationReward.OfPreferences(
        new Dictionary<string, IRewardSource> { ["P1A"] = length, ["P2B"] = ends, ["P3A"] = first });

    private static Rollout Answer(int[] response, bool ended, params string[] preferences) =>
        new(new RolloutPrompt("question", [1]) { Preferences = preferences }, response, ended, "");

    private static async Task<double[]> Score(IRewardSource reward, params Rollout[] rollouts) =>
        [.. (await reward.ScoreAsync(rollouts, TestContext.Current.CancellationToken)).Select(s => s.Score)];

    private sealed class Counting(string id, Func<Rollout, double> score) : IRewardSource
    {
        public string Id => id;

        public List<int> Calls { get; } = [];

        public Task<IReadOnlyList<RewardSignal>> ScoreAsync(
            IReadOnlyList<Rollout> rollouts, CancellationToken cancellationToken = default)
        {
            Calls.Add(rollouts.Count);
            return Task.FromResult<IReadOnlyList<RewardSignal>>([.. rollouts.Select(r => new RewardSignal(score(r)))]);
        }
    }

    private sealed class PerToken(float value) : IRewardSource
    {
        public string Id => "tokens";

        public Task<IReadOnlyList<RewardSignal>> ScoreAsync(
            IReadOnlyList<Rollout> rollouts, CancellationToken cancellationToken = default) =>
            Task.FromResult<IReadOnlyList<RewardSignal>>([.. rollouts.Select(
                r => new RewardSignal(0) { PerToken = [.. Enumerable.Repeat(value, r.Response.Length)] })]);
    }
}
