using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Training;
using SoupsActors.Testing;

namespace SoupsActors.Learning.Tests.Rewards;

public sealed class RewardModelTests : IDisposable
{
    private readonly TinyReward tiny = new();
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        tiny.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_model_learns_what_is_preferred_and_says_so_in_its_card()
    {
        using var model = tiny.Model();
        var (training, heldOut) = await RewardTraining.RunAsync(
            model, TinyReward.Pairs(200, 1), TinyReward.Pairs(100, 2), TinyReward.Options(120),
            cancellation: TestContext.Current.CancellationToken);

        Assert.True(heldOut!.Accuracy >= 0.9, $"held-out accuracy {heldOut.Accuracy}");
        Assert.Equal(training.Accuracy, model.Card.TrainingAccuracy);
        Assert.Equal(heldOut.Accuracy, model.Card.HeldOutAccuracy);
        Assert.Equal(heldOut.CalibrationError, model.Card.HeldOutCalibrationError);
        Assert.Equal((200, 100), (model.Card.TrainingPairs, model.Card.HeldOutPairs));
    }

    [Fact]
    public async Task Normalised_scores_of_the_training_answers_have_mean_0_and_deviation_1()
    {
        using var model = tiny.Model();
        var pairs = TinyReward.Pairs(50, 1);
        await RewardTraining.RunAsync(
            model, pairs, [], TinyReward.Options(), cancellation: TestContext.Current.CancellationToken);

        var rollouts = pairs.SelectMany(p => new[] { p.Chosen, p.Rejected }.Select(a => Rollout(p.Prompt, a))).ToArray();
        var normalised = await Score(new RewardModelSource(model));
        var raw = await Score(new RewardModelSource(model, normalised: false));

        Assert.Equal(0, normalised.Average(), 1e-4);
        Assert.Equal(1, Math.Sqrt(normalised.Average(s => s * s)), 1e-4);
        Assert.Equal(raw.Select(model.Card.Normalise), normalised);

        async Task<double[]> Score(RewardModelSource source) =>
            [.. (await source.ScoreAsync(rollouts, TestContext.Current.CancellationToken)).Select(s => s.Score)];
    }

    [Fact]
    public void A_score_does_not_depend_on_what_it_is_packed_with()
    {
        using var model = tiny.Model();
        int[][] sequences = [.. TinyReward.Pairs(20, 4).SelectMany(p => new[] { p.Chosen, p.Rejected })];
        Assert.Equal(model.Score(sequences), sequences.Select(s => model.Score([s])[0]));
    }

    [Fact]
    public void Scoring_switches_the_adapter_on_and_puts_the_other_one_back()
    {
        using var model = tiny.Model();
        foreach (var parameter in model.Adapter.Parameters)
            parameter.Load([.. Enumerable.Range(0, (int)parameter.Length).Select(i => MathF.Sin(i))]);
        using var policy = new LoraAdapter(tiny.Backend, TinyReward.Config, new LoraOptions { Rank = 2 });
        tiny.Transformer.Adapter = null;
        using var untrained = tiny.Model();

        tiny.Transformer.Adapter = policy;
        var score = model.Score([[1, 5, 2]])[0];
        Assert.Same(policy, tiny.Transformer.Adapter);
        Assert.NotEqual(untrained.Score([[1, 5, 2]])[0], score);

        Assert.ThrowsAny<Exception>(() => model.Score([[1, 5, 99]]));
        Assert.Same(policy, tiny.Transformer.Adapter);
    }

    [Fact]
    public void An_empty_sequence_is_refused() =>
        Assert.Throws<ArgumentException>(() =>
        {
            using var model = tiny.Model();
            model.Score([[1, 2], []]);
        });

    [Fact]
    public async Task A_saved_model_is_read_back_to_the_bit()
    {
        using var model = tiny.Model();
        await RewardTraining.RunAsync(
            model, TinyReward.Pairs(30, 1), TinyReward.Pairs(10, 2), TinyReward.Options(5),
            cancellation: TestContext.Current.CancellationToken);
        var hash = model.Save(folder["reward"]);

        using var read = RewardModel.Load(folder["reward"], tiny.Transformer, TinyReward.BaseHash);

        Assert.Equal(hash, read.ContentHash());
        Assert.Equal(model.ContentHash(), hash);
        Assert.Equal(model.Score([[1, 5, 2], [3, 2]]), read.Score([[1, 5, 2], [3, 2]]));
        Assert.Equal(model.Card with { Details = read.Card.Details }, read.Card);
        Assert.Contains("Steps", read.Card.Details["settings"], StringComparison.Ordinal);
        Assert.Equal(2, read.Adapter.Options.InitSeed);
    }

    [Fact]
    public void Saving_replaces_a_model_as_a_whole_and_leaves_nothing_beside_it()
    {
        using var first = tiny.Model(headSeed: 1);
        using var second = tiny.Model(headSeed: 2);
        first.Save(folder["reward"]);
        File.WriteAllText(Path.Combine(folder["reward"], "stray.txt"), "of the first");
        second.Save(folder["reward"]);

        using var read = RewardModel.Load(folder["reward"], tiny.Transformer, TinyReward.BaseHash);
        Assert.Equal(second.HeadWeights, read.HeadWeights);
        Assert.False(File.Exists(Path.Combine(folder["reward"], "stray.txt")));
        Assert.Equal([folder["reward"]], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_model_of_another_base_is_refused()
    {
        using var model = tiny.Model();
        model.Save(folder["reward"]);
        var error = Assert.Throws<ExpertMismatchException>(
            () => RewardModel.Load(folder["reward"], tiny.Transformer, new string('0', 64)));
        Assert.Contains(TinyReward.BaseHash, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_two_models_in_one_folder_are_refused()
    {
        using var first = tiny.Model(headSeed: 1);
        using var second = tiny.Model(headSeed: 2);
        first.Save(folder["a"]);
        second.Save(folder["b"]);
        File.Copy(
            Path.Combine(folder["b"], "reward_head.safetensors"),
            Path.Combine(folder["a"], "reward_head.safetensors"),
            overwrite: true);
        Refused("one of the files was changed");
    }

    [Theory]
    [InlineData(new[] { 1f, 2, 3 }, "made for another model")]
    [InlineData(new[] { float.NaN, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "NaN")]
    public void A_head_that_does_not_fit_or_is_not_finite_is_refused(float[] head, string problem)
    {
        using var model = tiny.Model();
        model.Save(folder["a"]);
        SafetensorsWriter.Write(
            Path.Combine(folder["a"], "reward_head.safetensors"), [new TensorToWrite("score.weight", [1, head.Length], head)]);
        Refused(problem);
    }

    [Theory]
    [InlineData("{", "is not the JSON of a reward model")]
    [InlineData("{\"format\": 2}", "format 1")]
    public void A_card_that_cannot_be_read_is_refused(string json, string problem)
    {
        using var model = tiny.Model();
        model.Save(folder["a"]);
        File.WriteAllText(Path.Combine(folder["a"], "reward.json"), json);
        Refused(problem);
    }

    [Fact]
    public void A_folder_without_a_model_is_refused_with_advice() => Refused("give the folder of a reward model");

    [Fact]
    public void A_diverged_head_is_not_saved()
    {
        using var model = tiny.Model();
        model.Head.Load([.. Enumerable.Repeat(float.NaN, 16)]);
        Assert.Throws<ArgumentException>(() => model.Save(folder["a"]));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task What_is_too_long_for_the_base_loses_its_beginning()
    {
        using var model = tiny.Model();
        var source = new RewardModelSource(model, normalised: false);
        int[] prompt = [.. Enumerable.Range(0, 30).Select(i => 1 + i % 15)];
        int[] answer = [8, 7, 2];
        var kept = prompt.Concat(answer).TakeLast(TinyReward.Config.MaxPositions).ToArray();

        var signals = await source.ScoreAsync([Rollout(prompt, answer)], TestContext.Current.CancellationToken);

        Assert.Equal(model.Score([kept])[0], signals[0].Score);
    }

    [Fact]
    public async Task A_source_can_read_another_prompt_than_the_policy()
    {
        using var model = tiny.Model();
        var source = new RewardModelSource(model, normalised: false, promptTokens: _ => [9, 9]);
        var signals = await source.ScoreAsync([Rollout([1, 3], [8, 2])], TestContext.Current.CancellationToken);
        Assert.Equal(model.Score([[9, 9, 8, 2]])[0], signals[0].Score);
        Assert.StartsWith("P1A:", source.Id, StringComparison.Ordinal);
    }

    private static Rollout Rollout(int[] prompt, int[] answer) => new(new RolloutPrompt("", prompt), answer, true, "");

    private void Refused(string problem)
    {
        var error = Assert.Throws<ModelFormatException>(
            () => RewardModel.Load(folder["a"], tiny.Transformer, TinyReward.BaseHash));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }
}
