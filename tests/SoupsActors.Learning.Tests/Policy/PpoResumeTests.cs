using SoupsActors.Learning.Policy;
using SoupsActors.Learning.Training;
using SoupsActors.Testing;

namespace SoupsActors.Learning.Tests.Policy;

public sealed class PpoResumeTests : IDisposable
{
    private static readonly PpoOptions Options = PpoLab.Options with { Steps = 6, AdaptiveKl = new AdaptiveKl(1, 500) };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_cancelled_run_goes_on_to_the_same_weights_to_the_bit()
    {
        var expected = await UndisturbedAsync();
        var files = new PpoFiles(folder["run"], "test");
        await using (var first = new PpoLab())
        {
            using var stop = new CancellationTokenSource();
            first.Rollouts.Sampling = call =>
            {
                if (call == 4)
                    stop.Cancel();
            };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.TrainAsync(Options, files, stop.Token));
        }

        await using var second = new PpoLab();
        var result = await second.TrainAsync(Options, files);

        Assert.Equal([3, 4, 5, 6], second.Seen.Select(m => m.Step)); // step 3 was done, but not yet measured
        Assert.Equal(expected.Weights, second.Weights());
        Assert.Equal((6, 6 * 32), (result.Steps, (int)result.Episodes));
        AssertSameLog(expected.Metrics, MetricLog.Read(files.MetricsPath));
    }

    [Fact]
    public async Task A_run_cancelled_in_the_middle_of_an_update_goes_on_to_the_same_weights()
    {
        var expected = await UndisturbedAsync();
        var files = new PpoFiles(folder["run"], "test");
        await using (var first = new PpoLab())
        {
            using var stop = new CancellationTokenSource();
            var batches = 0;
            first.Environment = first.Environment with
            {
                BetweenBatches = async _ =>
                {
                    if (++batches == 6 * 3 + 4)
                        await stop.CancelAsync();
                },
            };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.TrainAsync(Options, files, stop.Token));
        }

        await using var second = new PpoLab();
        await second.TrainAsync(Options, files);
        Assert.Equal(expected.Weights, second.Weights());
    }

    [Fact]
    public async Task A_killed_run_repeats_what_came_after_its_checkpoint()
    {
        var files = new PpoFiles(folder["run"], "test");
        var killed = new PpoFiles(folder["killed"], "test");
        await using (var first = new PpoLab())
        {
            first.Rollouts.Sampling = call =>
            {
                if (call != 4)
                    return;
                // All that a machine that dies in step 4 leaves behind, with a torn line of metrics.
                Directory.CreateDirectory(killed.Folder);
                File.Copy(files.StatePath, killed.StatePath);
                using var log = new FileStream(files.MetricsPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                using var copy = File.Create(killed.MetricsPath);
                log.CopyTo(copy);
                copy.Write("{\"step\":4,\"obj"u8);
            };
            await first.TrainAsync(Options, files);

            await using var second = new PpoLab();
            await second.TrainAsync(Options, killed);
            Assert.Equal(first.Weights(), second.Weights());
            Assert.Equal(3, second.Seen[0].Step);
            AssertSameLog(first.Seen, MetricLog.Read(killed.MetricsPath));
        }
    }

    [Fact]
    public async Task A_finished_run_returns_its_result_without_training_again()
    {
        var files = new PpoFiles(folder["run"], "test");
        await using (var first = new PpoLab())
            await first.TrainAsync(Options with { Steps = 2 }, files);
        await using var second = new PpoLab();
        var result = await second.TrainAsync(Options with { Steps = 2 }, files);
        Assert.Empty(second.Seen);
        Assert.Equal((2, 64, 2), (result.Steps, (int)result.Episodes, result.Metrics!.Step));
        Assert.True(result.Tokens > 64 && result.UpdateSeconds > 0);
    }

    [Fact]
    public async Task A_run_with_other_settings_does_not_go_on()
    {
        var files = new PpoFiles(folder["run"], "test");
        await using var lab = new PpoLab();
        await lab.TrainAsync(Options with { Steps = 1 }, files);
        await Assert.ThrowsAsync<InvalidOperationException>(() => lab.TrainAsync(Options with { Steps = 2 }, files));
    }

    [Fact]
    public async Task The_checkpoint_of_a_run_that_diverged_is_the_last_one_that_was_measured_to_be_good()
    {
        var files = new PpoFiles(folder["run"], "test");
        var options = Options with { Steps = 40, MaxKlPerToken = 0.02, KlCoefficient = 0, AdaptiveKl = null };
        await using var lab = new PpoLab();
        await Assert.ThrowsAsync<Tensors.DivergedException>(() => lab.TrainAsync(options, files));
        var weights = lab.Weights();

        await using var second = new PpoLab();
        await Assert.ThrowsAsync<Tensors.DivergedException>(() => second.TrainAsync(options, files));
        Assert.Equal(weights, second.Weights());
        Assert.Equal(lab.Seen.TakeLast(2).Select(m => m.Step), second.Seen.Select(m => m.Step));
    }

    private static async Task<(float[] Weights, List<TrainingMetrics> Metrics)> UndisturbedAsync()
    {
        await using var lab = new PpoLab();
        await lab.TrainAsync(Options);
        return (lab.Weights(), lab.Seen);
    }

    private static void AssertSameLog(IReadOnlyList<TrainingMetrics> expected, IReadOnlyList<TrainingMetrics> actual)
    {
        Assert.Equal(expected.Select(m => m.Step), actual.Select(m => m.Step));
        foreach (var (a, b) in expected.Zip(actual))
        {
            Assert.All(
                a.Values.Where(v => !v.Key.StartsWith("time/", StringComparison.Ordinal)),
                v => Assert.Equal(v.Value, b[v.Key]));
        }
    }
}
