using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Miniature.Experiments.Trainings;

namespace SoupsActors.Miniature.Tests.Experiments;

[Collection(TinyMiniature.Tests)]
public sealed class PromptedRewardsTests(TinyMiniature miniature)
{
    /// <summary>Reward models learn from answers to bare questions, so they are asked about those alone.</summary>
    [Fact]
    public async Task A_policy_whose_prompts_state_preferences_is_scored_as_if_it_had_been_asked_the_bare_question()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var looking = new Looking(async (context, _) =>
        {
            using var rewards = PreferenceRewards.Load(context, ["P1A", "P2A", "P3A"]);
            Preference[] combination = [Preferences.Get("P1A"), Preferences.Get("P2A"), Preferences.Get("P3A")];
            var environment = TrainingPrompts.Stating(
                context, "morl", [combination], rewards.Sources, TinyMiniature.Policy);
            foreach (var prompt in environment.Prompts(1))
            {
                var question = TrainingPrompts.Questions(context)
                    .Single(q => prompt.Text.StartsWith(q.Text + " ", StringComparison.Ordinal));
                Assert.NotEqual(question.Tokens, prompt.Tokens);
                int[] response = context.Model.Format.Prompt("An answer.")[..4];
                var signals = await environment.Reward.ScoreAsync(
                    [new Rollout(prompt, response, Ended: true, "An answer.")], cancellation);
                var expected = combination.Average(p =>
                {
                    var model = rewards.Model(p.Id);
                    return model.Card.Normalise(model.Score([[.. question.Tokens, .. response]], cancellation)[0]);
                });
                Assert.Equal(expected, signals.Single().Score, 1e-5);
            }
        });
        await miniature.RunAsync(looking, miniature.NewOut(), cancellationToken: cancellation);
    }
}
