using SoupsActors.Grains.Trainings;
using SoupsActors.Grains.Trainings.Stages;

namespace SoupsActors.Grains.Tests.Trainings;

/// <summary>What a training learns from.</summary>
public sealed class CollectStageTests : IAsyncLifetime
{
    private readonly StageLab lab = new();

    public ValueTask InitializeAsync() => lab.InitializeAsync();

    public ValueTask DisposeAsync() => lab.DisposeAsync();

    [Fact]
    public async Task margins_are_brought_to_one_scale()
    {
        var outcome = await lab.CollectAsync(
            [.. Enumerable.Range(0, 40).Select(i => StageLab.About($"prompt {i}") with { Margin = 10 * i })]);
        Assert.Equal((StageEnd.Completed, null), (outcome.End, outcome.Reason));
        lab.Training = lab.Training with { Data = outcome.Data };
        var set = TrainingSet.Of(await lab.ContextAsync([]));
        Assert.Equal((outcome.Data!.Comparisons, outcome.Data.HeldOut), (set.Learnt.Count, set.HeldOut.Count));
        Assert.All(set.Learnt.Concat(set.HeldOut), c => Assert.InRange(c.Margin!.Value, 0, 1));
    }

    [Fact]
    public async Task feedback_on_too_few_prompts_to_tell_versions_apart_is_not_worked_on()
    {
        var outcome = await lab.CollectAsync(
            [.. Enumerable.Range(0, 60).Select(i => StageLab.About($"prompt {i % 10}", i))]);
        Assert.Equal(StageEnd.Impossible, outcome.End);
        Assert.Contains("leaves 2 different prompts", outcome.Reason, StringComparison.Ordinal);
        Assert.Contains("at least 4", outcome.Reason, StringComparison.Ordinal);
    }
}
