using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Supervised;
using SoupsActors.Models.Tokenization.Chat;
using SoupsActors.Serving;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Tests.Supervised;

public sealed class MultitaskFineTuningTests : IAsyncLifetime
{
    private readonly BaselineLab lab = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => lab.DisposeAsync();

    [Fact]
    public async Task One_adapter_learns_to_answer_as_the_stated_preference_asks()
    {
        var tuning = new MultitaskFineTuning(
            [
                new Demonstration("Who made the soup?", "The cook.", ["P2A"]),
                new Demonstration("Who made the soup?", "The cook made the soup of carrots and onions.", ["P2B"]),
            ],
            lab.Words,
            lab.Model.Format,
            batch: 2);
        tuning.Run(lab.Model.Transformer, new SupervisedOptions
        {
            Steps = 60,
            Schedule = new LearningRateSchedule(ScheduleKind.Constant, 0.02, 60),
        });

        Assert.Equal("The cook.", await Answer("P2A"));
        Assert.Equal("The cook made the soup of carrots and onions.", await Answer("P2B"));
    }

    [Fact]
    public void Prompts_state_the_preferences_and_only_answers_are_learned()
    {
        var tuning = Tuning(["P1A", "P2B"]);
        var example = tuning.Examples(1).Single();
        var prompt = lab.Model.Format.Prompt("Why? Say it simply. Say it all.");
        Assert.Equal(prompt, example.Tokens[..prompt.Length]);
        Assert.Equal(lab.Model.Format.EndToken, example.Tokens[^1]);
        Assert.Equal(example.Tokens.Select((_, i) => i >= prompt.Length), example.Learned);
    }

    [Fact]
    public void A_demonstration_may_follow_an_earlier_conversation()
    {
        ChatTurn[] earlier = [new("user", "Who?"), new("assistant", "The cook.")];
        var tuning = new MultitaskFineTuning(
            [new Demonstration("Why?", "So.", []) { Earlier = earlier }], lab.Words, lab.Model.Format, batch: 1);
        var prompt = lab.Model.Format.Prompt("Why?", earlier);
        Assert.Equal(prompt, tuning.Examples(1).Single().Tokens[..prompt.Length]);
    }

    [Fact]
    public void Every_epoch_sees_every_demonstration_once_in_a_new_order()
    {
        Demonstration[] all = [.. Enumerable.Range(0, 12).Select(i => new Demonstration($"Q{i}", "A", ["P1A"]))];
        var tuning = new MultitaskFineTuning(all, lab.Words, lab.Model.Format, batch: 4, seed: 5);
        string[][] epochs = [Epoch(1), Epoch(4)];
        Assert.All(epochs, e => Assert.Equal(12, e.Distinct().Count()));
        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.Equal(epochs[0].Order(), epochs[1].Order());

        string[] Epoch(int first) => [.. Enumerable.Range(first, 3)
            .SelectMany(tuning.Examples)
            .Select(example => string.Join(' ', example.Tokens))];
    }

    [Fact]
    public void Long_demonstrations_lose_their_beginning()
    {
        var answer = string.Join(' ', Enumerable.Repeat("carrots and onions", 60));
        var tuning = new MultitaskFineTuning(
            [new Demonstration("Why?", answer, ["P1A"])], lab.Words, lab.Model.Format, batch: 1);
        var example = tuning.Examples(1).Single();
        Assert.Equal(lab.Model.Format.MaxTokens, example.Tokens.Length);
        Assert.Equal(lab.Model.Format.EndToken, example.Tokens[^1]);
    }

    [Fact]
    public void Other_data_has_another_fingerprint_and_unknown_preferences_are_named()
    {
        Assert.Equal(Tuning(["P1A"]).Fingerprint(), Tuning(["P1A"]).Fingerprint());
        Assert.NotEqual(Tuning(["P1A"]).Fingerprint(), Tuning(["P2A"]).Fingerprint());
        var error = Assert.Throws<ArgumentException>(() => Tuning(["P9Z"]));
        Assert.Contains("P9Z", error.Message, StringComparison.Ordinal);
    }

    private MultitaskFineTuning Tuning(string[] preferences) =>
        new([new Demonstration("Why?", "So.", preferences)], lab.Words, lab.Model.Format, batch: 1);

    private async Task<string> Answer(string preference)
    {
        var answers = await lab.Model.Rollouts.SampleAsync(
            [lab.Words.Ask(lab.Model.Format, "Who made the soup?", [preference])],
            RolloutPolicy.Of(lab.Expert()),
            new RolloutOptions { MaxTokens = 40, Seed = 1, Sampling = new SamplingOptions { Temperature = 0 } },
            TestContext.Current.CancellationToken);
        return answers[0].Text;
    }
}
