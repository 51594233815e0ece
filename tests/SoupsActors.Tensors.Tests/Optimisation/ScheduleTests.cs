namespace SoupsActors.Tensors.Tests.Optimisation;

public sealed class ScheduleTests
{
    [Fact]
    public void Warm_up_is_linear_and_ends_at_the_peak()
    {
        var schedule = new LearningRateSchedule(ScheduleKind.Cosine, 1.0, totalSteps: 100, warmupSteps: 10);
        Assert.Equal(0.1f, schedule.At(1), 6);
        Assert.Equal(0.5f, schedule.At(5), 6);
        Assert.Equal(1f, schedule.At(10), 6);
    }

    [Theory]
    [InlineData(ScheduleKind.Constant, 1.0, 1.0)]
    [InlineData(ScheduleKind.Linear, 0.6, 0.2)]
    [InlineData(ScheduleKind.Cosine, 0.6, 0.2)]
    public void Shapes_pass_their_middle_and_end_at_the_final_rate(ScheduleKind kind, double middle, double end)
    {
        var schedule = new LearningRateSchedule(kind, 1.0, totalSteps: 110, warmupSteps: 10, finalFraction: 0.2);
        Assert.Equal((float)middle, schedule.At(60), 5);
        Assert.Equal((float)end, schedule.At(110), 5);
        Assert.Equal((float)end, schedule.At(1000), 5);
    }

    [Fact]
    public void A_warm_up_longer_than_the_run_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(
        () => new LearningRateSchedule(ScheduleKind.Linear, 1, totalSteps: 5, warmupSteps: 6));
}
