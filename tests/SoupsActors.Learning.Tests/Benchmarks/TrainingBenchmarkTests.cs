using SoupsActors.Learning.Benchmarks;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Models.Files;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Learning.Tests.Benchmarks;

public sealed class TrainingBenchmarkTests : IDisposable
{
    private readonly CpuBackend backend = CpuBackend.Create(new CpuOptions { Threads = 1 });
    private readonly string folder = Directory.CreateTempSubdirectory("soups-bench-").FullName;

    public TrainingBenchmarkTests() => TinyLanguage.Write(backend, folder);

    public void Dispose()
    {
        backend.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Supervised_steps_count_their_tokens_and_parameters()
    {
        using var weights = ModelWeights.Load(folder, TestContext.Current.CancellationToken);
        var options = new TrainingBenchmarkOptions
        {
            Sequences = 2,
            Length = 8,
            Rank = 3,
            WarmupSteps = 0,
            MeasuredSteps = 2,
        };
        var lora = TrainingBenchmark.Lora(backend, weights, options, TestContext.Current.CancellationToken);
        var all = TrainingBenchmark.All(backend, weights, options, TestContext.Current.CancellationToken);

        // Two layers of hidden size 16 and intermediate size 24.
        Assert.Equal(2 * 3 * (4 * (16 + 16) + 3 * (16 + 24)), lora.Parameters);
        Assert.Equal(2 * (4 * 16 * 16 + 3 * 16 * 24 + 2 * 16) + 16 + 16 * weights.Config.VocabularySize, all.Parameters);
        Assert.All([lora, all], r =>
        {
            Assert.Equal(16, r.Tokens);
            Assert.Equal(16 / r.Seconds, r.TokensPerSecond, 1e-6 * r.TokensPerSecond);
            Assert.True(r.Seconds <= r.MedianSeconds && r.GigaFlops > 0);
        });
    }

    [Fact]
    public void Sequences_beyond_the_context_are_refused()
    {
        using var weights = ModelWeights.Load(folder, TestContext.Current.CancellationToken);
        var error = Assert.Throws<ArgumentException>(() => TrainingBenchmark.All(
            backend, weights, new TrainingBenchmarkOptions { Length = 65 }, TestContext.Current.CancellationToken));
        Assert.Contains("context of 64", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_of_ppo_is_split_into_generation_scoring_and_update()
    {
        await using var model = LearningModel.Load(folder, backend, cancellationToken: TestContext.Current.CancellationToken);
        RolloutPrompt[] prompts = [.. new[] { "yes", "What is rain?" }.Select(t => new RolloutPrompt(t, model.Format.Prompt(t)))];
        var options = new PpoBenchmarkOptions
        {
            Answers = 5,
            MaxTokens = 6,
            Rank = 2,
            Epochs = 2,
            MiniBatch = 2,
            WarmupSteps = 1,
            MeasuredSteps = 1,
        };

        var result = await PpoBenchmark.RunAsync(model, prompts, options, TestContext.Current.CancellationToken);

        Assert.Equal(5, result.Answers);
        Assert.InRange(result.GeneratedTokens, 5, 30);
        Assert.Equal(
            3 * prompts[0].Tokens.Length + 2 * prompts[1].Tokens.Length + result.GeneratedTokens - 5, result.SequenceTokens);
        Assert.Equal(1, result.GenerationShare + result.ScoringShare + result.UpdateShare, 1e-9);
        Assert.True(result.GenerationSeconds > 0 && result.ScoringSeconds > 0 && result.UpdateSeconds > 0);
        Assert.Null(model.Transformer.Adapter);
    }
}
