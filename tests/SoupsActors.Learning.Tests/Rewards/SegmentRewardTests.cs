using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Tokenization;
using SoupsActors.Models.Tokenization.Chat;
using SoupsActors.Tensors;
using SoupsActors.Tensors.Cpu;
using SoupsActors.Testing;

namespace SoupsActors.Learning.Tests.Rewards;

public sealed class SegmentRewardTests : IDisposable
{
    private const int PartEnd = 5;

    private readonly TinyReward tiny = new();
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        tiny.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Parts_of_new_answers_are_rewarded_where_they_end()
    {
        using var model = tiny.Model();
        var collected = new Collected();
        await SegmentRewardTraining.RunAsync(
            model, Examples(120, 1), Options(150), progress: collected, cancellation: Cancellation);
        Assert.True(collected.All[^1][MetricNames.Loss] < 0.5 * collected.All[0][MetricNames.Loss]);

        // good, bad, good: one answer, which as a whole would be one number.
        int[] response = [9, TinyReward.Good, PartEnd, 9, 11, PartEnd, 12, TinyReward.Good, PartEnd, 2];
        var rollout = new Rollout(new RolloutPrompt("p", [1, 10]), response, true, "");
        var reward = new SegmentReward(
            model, r => [.. Enumerable.Range(0, r.Response.Length).Where(t => r.Response[t] == PartEnd)]);
        var signal = Assert.Single(await reward.ScoreAsync([rollout], Cancellation));
        Assert.Equal(0, signal.Score);
        Assert.Equal([2, 5, 8], Enumerable.Range(0, response.Length).Where(t => signal.PerToken![t] != 0));
        Assert.True(signal.PerToken![2] > 0, $"{signal.PerToken[2]}");
        Assert.True(signal.PerToken[5] < 0, $"{signal.PerToken[5]}");
        Assert.True(signal.PerToken[8] > 0, $"{signal.PerToken[8]}");
        Assert.Equal(model.Score([[1, 10, .. response[..6]]], Cancellation)[0], signal.PerToken[5], 1e-5f);

        var both = CombinationReward.Weighted((reward, 1), (new RuleReward("length", r => r.Response.Length), 3));
        var combined = Assert.Single(await both.ScoreAsync([rollout], Cancellation));
        Assert.Equal(7.5, combined.Score, 1e-9);
        Assert.Equal(signal.PerToken[2] / 4, combined.PerToken![2], 1e-6f);
    }

    [Fact]
    public async Task A_run_that_was_stopped_goes_on_to_the_bit()
    {
        var examples = Examples(20, 2);
        var options = Options(6);
        using var undisturbed = tiny.Model();
        await SegmentRewardTraining.RunAsync(undisturbed, examples, options, cancellation: Cancellation);

        var fingerprint = SegmentRewardTraining.Fingerprint(options, examples);
        using var stop = new CancellationTokenSource();
        using var stopped = tiny.Model();
        await Assert.ThrowsAsync<OperationCanceledException>(() => SegmentRewardTraining.RunAsync(
            stopped, examples, options, new Checkpoint(folder["state"], fingerprint), new Stopping(stop, 4),
            cancellation: stop.Token));
        using var resumed = tiny.Model();
        var collected = new Collected();
        await SegmentRewardTraining.RunAsync(
            resumed, examples, options, new Checkpoint(folder["state"], fingerprint), collected,
            cancellation: Cancellation);
        Assert.Equal([5, 6], collected.All.Select(m => m.Step));
        Assert.Equal(undisturbed.ContentHash(), resumed.ContentHash());
        Assert.NotEqual(fingerprint, SegmentRewardTraining.Fingerprint(options, Examples(20, 3)));
    }

    [Fact]
    public void Labelled_parts_become_sequences_that_end_with_them()
    {
        var format = Format();
        const string answer = "Rain is water that falls. Bees make honey.";
        var water = new LabelledSegment("What is rain?", answer, 8, 5, "true");
        var bees = water with { Start = 26, Length = 16, Label = "off-topic" };
        var rated = bees with { Start = 0, Length = 25, Value = 0.5 };
        var examples = SegmentExample.Of(
            [water, bees, rated], format, new Dictionary<string, double> { ["off-topic"] = -1 });
        Assert.Equal([-1, 0.5f], examples.Select(e => e.Value));
        var prompt = format.Prompt("What is rain?");
        Assert.Equal(
            [answer, "Rain is water that falls."],
            examples.Select(e => format.Tokenizer.Decode(e.Sequence.AsSpan(prompt.Length))));
        Assert.All(examples, e => Assert.Equal(prompt, e.Sequence[..prompt.Length]));
        var upToWater = format.Tokenizer.Decode(format.UpToEnd(water).AsSpan(prompt.Length));
        Assert.StartsWith("Rain is water", upToWater, StringComparison.Ordinal);
    }

    [Fact]
    public void Sentences_end_with_their_last_mark_and_with_the_answer()
    {
        var format = Format();
        var ends = SegmentReward.Sentences(format);
        Assert.Equal(["Bees.", " Rain?!", " water"], Parts(format.Answer("Bees. Rain?! water")));
        Assert.Empty(Parts([format.EndToken]));

        IEnumerable<string> Parts(int[] response)
        {
            var start = 0;
            foreach (var end in ends(new Rollout(new RolloutPrompt("p", [1]), response, true, "")))
            {
                yield return format.Tokenizer.Decode(response.AsSpan(start, end + 1 - start));
                start = end + 1;
            }
        }
    }

    // A part is good if the token before its end is.
    private static SegmentExample[] Examples(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var good = random.Next(2) == 0;
            var before = Enumerable.Range(0, random.Next(1, 3)).SelectMany(
                _ => (int[])[random.Next(8, 20), random.Next(2) == 0 ? TinyReward.Good : random.Next(8, 20), PartEnd]);
            int[] part = [random.Next(8, 20), good ? TinyReward.Good : random.Next(8, 20), PartEnd];
            return new SegmentExample([1, random.Next(8, 20), .. before, .. part], good ? 1 : -1);
        })];
    }

    private static SegmentRewardOptions Options(int steps) => new()
    {
        Steps = steps,
        Schedule = new LearningRateSchedule(ScheduleKind.Constant, 0.02, steps),
        Batch = 16,
        Seed = 3,
    };

    private ConversationFormat Format()
    {
        using var backend = CpuBackend.Create(new CpuOptions { Threads = 1 });
        TinyLanguage.Write(backend, folder["language"]);
        var tokenizer = Tokenizer.Load(folder["language"]);
        return new ConversationFormat(tokenizer, ChatTemplate.Tulu, tokenizer.EosId!.Value, 64);
    }

    private sealed class Stopping(CancellationTokenSource stop, int after) : IProgress<TrainingMetrics>
    {
        public void Report(TrainingMetrics value)
        {
            if (value.Step == after)
                stop.Cancel();
        }
    }
}
