using SoupsActors.Learning.Policy;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Tests.Policy;

public sealed class PromptedMorlTests : IAsyncLifetime
{
    private static readonly string[][] Combinations = [["P1A", "P2A"], ["P1A", "P2B"]];

    private readonly BaselineLab lab = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => lab.DisposeAsync();

    [Fact]
    public void Prompts_are_questions_with_combinations_a_function_of_the_step()
    {
        var morl = Morl();
        var prompts = morl.Prompts(3);
        Assert.Equal(prompts.Select(p => p.Text), morl.Prompts(3).Select(p => p.Text));
        Assert.NotEqual(prompts.Select(p => p.Text), morl.Prompts(4).Select(p => p.Text));
        Assert.NotEqual(prompts.Select(p => p.Text), (morl with { Seed = 9 }).Prompts(3).Select(p => p.Text));

        var drawn = Enumerable.Range(1, 30).SelectMany(morl.Prompts).ToArray();
        Assert.Equal(4, drawn.Select(p => p.Text).Distinct().Count());
        Assert.All(drawn, p =>
        {
            Assert.Contains(p.Preferences, Combinations);
            Assert.EndsWith(lab.Words.Append("", p.Preferences), p.Text, StringComparison.Ordinal);
            Assert.Equal(lab.Model.Format.Prompt(p.Text), p.Tokens);
            Assert.Equal(p.Text.StartsWith("Who", StringComparison.Ordinal) ? "soup" : "sky", p.Topic);
        });
    }

    /// <summary>
    /// The released code of Personalized Soups scores the prompt alone: all its answers earn the same.
    /// </summary>
    [Fact]
    public async Task The_reward_is_of_the_response_so_answers_to_one_prompt_differ()
    {
        var environment = Morl().Environment(lab.Model.BaseHash, lab.Model.Rollouts);
        var prompt = environment.Prompts(1)[0];
        var rollouts = await lab.Model.Rollouts.SampleAsync(
            [.. Enumerable.Repeat(prompt, 6)],
            RolloutPolicy.Base,
            new RolloutOptions { MaxTokens = 6, Seed = 1 },
            TestContext.Current.CancellationToken);
        var signals = await environment.Reward.ScoreAsync(rollouts, TestContext.Current.CancellationToken);
        Assert.True(signals.Select(s => s.Score).Distinct().Count() > 1);
    }

    [Fact]
    public async Task One_policy_is_trained_by_ppo_on_all_combinations()
    {
        using var critic = Critic.Create(
            lab.Backend, lab.Model.Transformer.Config, lab.Policy.Options with { InitSeed = 4 });
        var result = await PpoTraining.RunAsync(
            lab.Model.Transformer,
            lab.Policy,
            critic,
            Morl().Environment(lab.Model.BaseHash, lab.Model.Rollouts),
            new PpoOptions
            {
                Steps = 2,
                MaxTokens = 6,
                MiniBatch = 8,
                Epochs = 1,
                PolicySchedule = new LearningRateSchedule(ScheduleKind.Constant, 1e-3, 1),
            },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(2, result.Steps);
        Assert.Equal(16, result.Episodes);
        Assert.Contains(lab.Expert().Factors, f => f.B.Any(b => b != 0));
    }

    [Fact]
    public void A_preference_without_a_reward_or_a_sentence_is_named_before_training()
    {
        Refused(Morl() with { Combinations = [["P3A"]] }, "P3A");
        Refused(
            Morl() with
            {
                Combinations = [["P3A"]],
                Rewards = new Dictionary<string, IRewardSource> { ["P3A"] = new RuleReward("none", _ => 0) },
            },
            "no sentence");
        Refused(Morl() with { Combinations = [[]] }, "empty");
        Refused(Morl() with { Questions = [] }, "question");

        void Refused(PromptedMorl morl, string part) => Assert.Contains(
            part,
            Assert.Throws<ArgumentException>(() => morl.Environment(lab.Model.BaseHash, lab.Model.Rollouts)).Message,
            StringComparison.Ordinal);
    }

    private PromptedMorl Morl() => new()
    {
        Questions =
        [
            new RolloutPrompt("Who made the soup?", []) { Topic = "soup" },
            new RolloutPrompt("Why is the sky blue?", []) { Topic = "sky" },
        ],
        Combinations = Combinations,
        Words = lab.Words,
        Format = lab.Model.Format,
        Rewards = new Dictionary<string, IRewardSource>
        {
            ["P1A"] = new RuleReward("low tokens", r => r.Response.Average(t => t < 100 ? 1.0 : 0)),
            ["P2A"] = new RuleReward("short", r => -r.Response.Length),
            ["P2B"] = new RuleReward("long", r => r.Response.Length),
        },
        QuestionsPerStep = 8,
    };
}
