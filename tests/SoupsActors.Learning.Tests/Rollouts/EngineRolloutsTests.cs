using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Training;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Learning.Tests.Rollouts;

public sealed class EngineRolloutsTests : IAsyncLifetime
{
    private readonly CpuBackend backend = CpuBackend.Create(new CpuOptions { Threads = 1 });
    private readonly string folder = Directory.CreateTempSubdirectory("soups-rollouts-").FullName;
    private LearningModel model = null!;

    public ValueTask InitializeAsync()
    {
        TinyLanguage.Write(backend, folder);
        model = LearningModel.Load(folder, backend);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await model.DisposeAsync();
        backend.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_answers_and_rows_differ_from_each_other()
    {
        var prompts = Enumerable.Repeat(Prompt("What is rain?"), 6).ToArray();

        var first = await Sample(prompts, seed: 1);
        var again = await Sample(prompts, seed: 1);
        var other = await Sample(prompts, seed: 2);

        Assert.Equal(first.Select(r => r.Response), again.Select(r => r.Response));
        Assert.NotEqual(first.Select(r => r.Response), other.Select(r => r.Response));
        Assert.True(first.Select(r => string.Join(' ', r.Response)).Distinct().Count() > 1);
    }

    [Fact]
    public async Task An_answer_does_not_depend_on_the_other_prompts_of_its_call()
    {
        var all = await Sample([Prompt("What is rain?"), Prompt("Tell me about bees."), Prompt("yes")], seed: 3);
        var alone = await Sample([Prompt("What is rain?")], seed: 3);
        Assert.Equal(all[0].Response, alone[0].Response);
    }

    [Fact]
    public async Task An_answer_that_ends_holds_its_end_token_and_one_that_is_cut_does_not()
    {
        var rollouts = await Sample([.. Enumerable.Repeat(Prompt("yes"), 400)], seed: 4, maxTokens: 8);

        Assert.Contains(rollouts, r => r.Ended);
        Assert.Contains(rollouts, r => !r.Ended);
        Assert.All(rollouts, r => Assert.Equal(r.Ended, r.Response[^1] == model.Format.EndToken));
        Assert.All(rollouts, r => Assert.DoesNotContain(model.Format.EndToken, r.Response.SkipLast(1)));
        Assert.All(rollouts.Where(r => !r.Ended), r => Assert.Equal(8, r.Response.Length));
    }

    [Fact]
    public async Task A_policy_samples_with_its_own_weights()
    {
        using var adapter = new LoraAdapter(backend, model.Transformer.Config, new LoraOptions { Rank = 2, Alpha = 64 });
        foreach (var parameter in adapter.Parameters.Where(p => p.Name.EndsWith("lora_B", StringComparison.Ordinal)))
            parameter.Load(Enumerable.Range(0, (int)parameter.Length).Select(i => (i % 5) - 2f).ToArray());
        var expert = ExpertContent.Create("policy", adapter.ToFactors(), new ExpertProvenance(model.BaseHash));
        var prompts = Enumerable.Repeat(Prompt("What is rain?"), 4).ToArray();

        var fromBase = await Sample(prompts, seed: 5);
        var fromPolicy = await model.Rollouts.SampleAsync(
            prompts, RolloutPolicy.Of(expert), Options(5, 12), TestContext.Current.CancellationToken);
        var fromNothing = await model.Rollouts.SampleAsync(
            prompts,
            RolloutPolicy.Of(MergeMode.Product, (expert, 0f)),
            Options(5, 12),
            TestContext.Current.CancellationToken);

        Assert.NotEqual(fromBase.Select(r => r.Response), fromPolicy.Select(r => r.Response));
        Assert.Equal(fromBase.Select(r => r.Response), fromNothing.Select(r => r.Response));
    }

    [Fact]
    public void A_pair_that_is_too_long_loses_the_beginning_of_its_prompt_and_the_end_of_its_answers()
    {
        var format = new ConversationFormat(model.Format.Tokenizer, model.Format.Template, model.Format.EndToken, maxTokens: 12);
        var comparison = new Comparison("Tell me about bees. Tell me about rain.", "Bees make honey.", "no");
        var whole = model.Format.Pair(comparison);

        var cut = format.Pair(comparison);

        Assert.Equal(model.Format.Prompt(comparison.Prompt), whole.Prompt);
        Assert.Equal(model.Format.EndToken, whole.Chosen[^1]);
        Assert.True(cut.Prompt.Length + cut.Chosen.Length <= 12);
        Assert.Equal(whole.Prompt[^cut.Prompt.Length..], cut.Prompt);
        Assert.Equal(whole.Chosen[..cut.Chosen.Length], cut.Chosen);
        Assert.Equal("Bees make honey.", format.Text(whole.Chosen));
        Assert.True(float.IsFinite(format.Pair(comparison with { Margin = 1e39 }).Margin));
    }

    private RolloutPrompt Prompt(string text) => new(text, model.Format.Prompt(text));

    private Task<IReadOnlyList<Rollout>> Sample(RolloutPrompt[] prompts, ulong seed, int maxTokens = 12) =>
        model.Rollouts.SampleAsync(
            prompts, RolloutPolicy.Base, Options(seed, maxTokens), TestContext.Current.CancellationToken);

    private static RolloutOptions Options(ulong seed, int maxTokens) => new() { Seed = seed, MaxTokens = maxTokens };
}
