using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Learning.Tests.Rewards;

public sealed class EnsembleTests
{
    [Theory]
    [InlineData(EnsembleObjective.Mean, 0.5, 2)]
    [InlineData(EnsembleObjective.WorstCase, 0.5, 0)]
    [InlineData(EnsembleObjective.UncertaintyWeighted, 0, 2)]
    [InlineData(EnsembleObjective.UncertaintyWeighted, 0.5, 0.75)]
    public void Objectives_on_a_hand_made_case(EnsembleObjective objective, double penalty, double expected) =>
        Assert.Equal(expected, EnsembleScores.Combine([0, 1, 3, 4], objective, penalty), 12); // population variance 2.5

    [Fact]
    public void Worst_case_and_uncertainty_never_exceed_the_mean_and_agree_with_it_where_members_agree() => Prop.ForAll(
        Gen.Choose(-50, 50).NonEmptyListOf().ToArbitrary(),
        drawn =>
        {
            double[] scores = [.. drawn.Select(d => d / 10.0)];
            var mean = Combine(scores, EnsembleObjective.Mean);
            Assert.True(Combine(scores, EnsembleObjective.WorstCase) <= mean + 1e-12);
            Assert.True(Combine(scores, EnsembleObjective.UncertaintyWeighted) <= mean + 1e-12);
            double[] agreed = [.. scores.Select(_ => scores[0])];
            Assert.All(Enum.GetValues<EnsembleObjective>(), o => Assert.Equal(scores[0], Combine(agreed, o), 1e-9));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task An_ensemble_is_a_reward_of_its_members()
    {
        var rollouts = new[] { Rollout(1), Rollout(5) };
        var members = new IRewardSource[]
        {
            new RuleReward("a", r => r.Response[0]), new RuleReward("b", r => 2 - r.Response[0]),
        };
        await Scores(EnsembleObjective.Mean, 1, 1);
        await Scores(EnsembleObjective.WorstCase, 1, -3);
        await Scores(EnsembleObjective.UncertaintyWeighted, 1, 1 - 0.5 * 16);
        Assert.Equal("uwo0.5(a,b)", new EnsembleReward(members, EnsembleObjective.UncertaintyWeighted).Id);

        async Task Scores(EnsembleObjective objective, params double[] expected)
        {
            var ensemble = new EnsembleReward(members, objective);
            var signals = await ensemble.ScoreAsync(rollouts, TestContext.Current.CancellationToken);
            Assert.Equal(expected, signals.Select(s => s.Score));
        }
    }

    [Fact]
    public async Task Rewards_of_single_tokens_cannot_be_combined()
    {
        var ensemble = new EnsembleReward([new PerToken()], EnsembleObjective.Mean);
        await Assert.ThrowsAsync<NotSupportedException>(
            () => ensemble.ScoreAsync([Rollout(1)], TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Members_differ_in_their_seeds_alone()
    {
        var options = new RewardModelOptions { HeadSeed = 5, Preference = "P2A" };
        Assert.Equal(options, options.ForMember(0));
        Assert.Equal((7, 2L), (options.ForMember(2).HeadSeed, options.ForMember(2).Lora.InitSeed));
        var training = TinyReward.Options();
        Assert.Equal(training, training.ForMember(0));
        Assert.NotEqual(training.Seed, training.ForMember(1).Seed);
    }

    [Fact]
    public void An_empty_ensemble_and_a_negative_penalty_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new EnsembleReward([], EnsembleObjective.Mean));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new EnsembleReward([new RuleReward("a", _ => 0)], EnsembleObjective.Mean, -1));
        Assert.Throws<ArgumentException>(() => Combine([], EnsembleObjective.Mean));
    }

    private static double Combine(double[] scores, EnsembleObjective objective) =>
        EnsembleScores.Combine(scores, objective, 0.5);

    private static Rollout Rollout(int token) => new(new RolloutPrompt("", [1]), [token], true, "");

    private sealed class PerToken : IRewardSource
    {
        public string Id => "per token";

        public Task<IReadOnlyList<RewardSignal>> ScoreAsync(
            IReadOnlyList<Rollout> rollouts, CancellationToken cancellationToken = default) =>
            Task.FromResult<IReadOnlyList<RewardSignal>>([.. rollouts.Select(_ => new RewardSignal(0) { PerToken = [1] })]);
    }
}
