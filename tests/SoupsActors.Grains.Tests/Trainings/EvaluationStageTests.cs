using SoupsActors.Grains.Trainings.Stages;
using SoupsActors.Learning.Judging;

namespace SoupsActors.Grains.Tests.Trainings;

/// <summary>How versions are compared: on which prompts, how surely, and never twice.</summary>
public sealed class EvaluationStageTests : IAsyncLifetime
{
    private readonly StageLab lab = new();

    private ScriptedGuide Judge => lab.Guide;

    private string Log => lab.Folder["judgements.jsonl"];

    public ValueTask InitializeAsync() => lab.InitializeAsync();

    public ValueTask DisposeAsync() => lab.DisposeAsync();

    [Fact]
    public async Task prompts_asked_again_and_again_do_not_make_a_win_any_surer()
    {
        await lab.ReachEvaluationAsync(63, "won", "won too", "lost");
        Judge.Verdict = prompt => prompt == "lost" ? Judgement.Loss : Judgement.Win;
        var found = await lab.EvaluateAsync();
        Assert.Equal((42, 21, 3), (found.Wins, found.Losses, found.Prompts));
        Assert.InRange(found.Lower, 0.19, 0.22);
        Assert.Equal(2 / 3.0, found.WinRate, 9);
    }

    [Fact]
    public async Task many_prompts_make_a_win_sure()
    {
        await lab.ReachEvaluationAsync(32, [.. Enumerable.Range(0, 32).Select(i => $"q{i}")]);
        var found = await lab.EvaluateAsync();
        Assert.Equal((32, 32), (found.Wins, found.Prompts));
        Assert.InRange(found.Lower, 0.89, 0.9);
    }

    [Fact]
    public async Task an_evaluation_that_was_cut_off_asks_for_no_judgement_twice_and_ends_like_an_undisturbed_one()
    {
        await lab.ReachEvaluationAsync(70, "a", "b", "c");
        Judge.Verdict = Alternating();
        var expected = await lab.EvaluateAsync();
        var judged = Judge.Judged.ToArray();
        Assert.Equal(70, judged.Length);

        // Cut off in the second part of the questions, while a line was being written.
        File.Delete(Log);
        Judge.Judged.Clear();
        Judge.Verdict = Alternating(stopAfter: 66);
        await Assert.ThrowsAsync<OperationCanceledException>(lab.EvaluateAsync);
        await File.AppendAllTextAsync(Log, "{\"Question\":67,\"Judg", TestContext.Current.CancellationToken);
        Judge.Verdict = Alternating(from: 66);
        Assert.Equal(expected, await lab.EvaluateAsync());
        Assert.Equal(judged, Judge.Judged);
        Assert.Equal(judged.Length, lab.Reported[^1].Step);
    }

    [Fact]
    public async Task what_was_judged_of_other_weights_does_not_count()
    {
        await lab.ReachEvaluationAsync(6, "a", "b");
        await lab.EvaluateAsync();
        lab.Training = lab.Training with { Request = lab.Training.Request with { Seed = 2 } };
        await lab.EvaluateAsync();
        Assert.Equal(12, Judge.Judged.Count);
    }

    [Fact]
    public async Task a_judge_that_fails_now_and_then_is_asked_again()
    {
        await lab.ReachEvaluationAsync(12, "a", "b");
        var calls = 0;
        Judge.Verdict = _ => ++calls % 4 == 0 ? Judgement.Win : throw new HttpRequestException("too many requests");
        var found = await lab.EvaluateAsync();
        Assert.Equal((12, 48), (found.Wins, calls));
    }

    [Fact]
    public async Task a_judge_that_always_fails_ends_the_attempt_and_what_it_had_judged_is_kept()
    {
        await lab.ReachEvaluationAsync(12, "a", "b");
        var calls = 0;
        Judge.Verdict = _ => ++calls <= 5 ? Judgement.Win : throw new HttpRequestException("no credit");
        await Assert.ThrowsAsync<HttpRequestException>(lab.EvaluateAsync);
        Assert.Equal(5 + PatientJudge.Attempts, calls);
        Judge.Verdict = _ => Judgement.Win;
        Assert.Equal(12, (await lab.EvaluateAsync()).Wins);
        Assert.Equal(12, Judge.Judged.Count);
    }

    private Func<string, Judgement> Alternating(int from = 0, int stopAfter = int.MaxValue)
    {
        var calls = from;
        return _ => calls < stopAfter
            ? (calls++ % 3 == 0) ? Judgement.Loss : Judgement.Win
            : throw new OperationCanceledException();
    }
}
