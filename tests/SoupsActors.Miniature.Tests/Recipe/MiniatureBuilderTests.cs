using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Judges;
using SoupsActors.Miniature.Recipe;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Miniature.Tests.Recipe;

public sealed class MiniatureBuilderTests : IDisposable
{
    private readonly CpuBackend backend = CpuBackend.Create(new CpuOptions { Threads = 1 });
    private readonly string root = Directory.CreateTempSubdirectory("soups-miniature-").FullName;

    public void Dispose()
    {
        backend.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task A_build_that_was_stopped_ends_with_the_bytes_of_an_undisturbed_one()
    {
        var undisturbed = Folder("undisturbed");
        await Build(undisturbed);
        Assert.True(undisturbed.IsComplete);

        var stopped = Folder("stopped");
        foreach (var stage in new[] { "base", "reward P1B", "expert P2A" })
        {
            using var stop = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                new MiniatureBuilder(backend, MiniatureRecipe.Tiny, stopped).BuildAsync(new StopAt(stage, stop), stop.Token));
            Assert.False(stopped.IsComplete);
        }

        await Build(stopped);

        foreach (var file in Directory.EnumerateFiles(undisturbed.Root, "*", SearchOption.AllDirectories))
        {
            if (file == undisturbed.Costs)
                continue; // seconds are the machine's
            var twin = Path.Combine(stopped.Root, Path.GetRelativePath(undisturbed.Root, file));
            Assert.Equal(
                await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken),
                await File.ReadAllBytesAsync(twin, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_folder_of_another_recipe_is_refused()
    {
        var folder = Folder("mine");
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new MiniatureBuilder(backend, MiniatureRecipe.Tiny, folder).BuildAsync(new StopAt("base", stop), stop.Token));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => new MiniatureBuilder(
            backend, MiniatureRecipe.Tiny with { Seed = 2 }, folder).BuildAsync(cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("another recipe", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_built_model_answers_with_any_mix_and_each_judge_counts_every_answer()
    {
        var folder = Folder("built");
        await Build(folder);
        await using var model = MiniatureModel.Load(backend, folder);
        var answer = await model.AnswerAsync(
            "What is rain?", new Dictionary<string, float> { ["P1A"] = 1, ["P2A"] = 0.5f }, TestContext.Current.CancellationToken);
        Assert.NotNull(answer);

        // A cheat that answers as each method and mix asks shows that the table counts what it says it counts.
        var corpus = CorpusGenerator.Default;
        var random = new Random(1);
        var results = await new MiniatureEvaluation(corpus, JudgePanel.Default).RunAsync(
            (prompt, mix, _) =>
            {
                var topic = corpus.Topics.HeldOut.First(t => prompt.Contains(t.Name, StringComparison.Ordinal));
                return Task.FromResult(corpus.Answer(topic, Style.Of(mix.Keys), random));
            },
            TestContext.Current.CancellationToken);
        Assert.All(results.Where(r => r.Method == "soup"), r => Assert.True(r.SatisfiedAll >= 0.9 * r.Answers, r.ToString()));
        Assert.All(results.Where(r => r.Method == "base"), r => Assert.True(r.SatisfiedAll < 0.5 * r.Answers, r.ToString()));
        Assert.All(results, r => Assert.Equal(32, r.Answers));
    }

    private Task Build(MiniatureFolder folder) => new MiniatureBuilder(backend, MiniatureRecipe.Tiny, folder)
        .BuildAsync(cancellation: TestContext.Current.CancellationToken);

    private MiniatureFolder Folder(string name) => new(Path.Combine(root, name));

    /// <summary>Asks to stop when a stage begins; its first step is still taken.</summary>
    private sealed class StopAt(string stage, CancellationTokenSource stop) : IProgress<BuildProgress>
    {
        public void Report(BuildProgress value)
        {
            if (value.Stage == stage)
                stop.Cancel();
        }
    }
}
