using System.Reflection;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using SoupsActors.Experts;
using SoupsActors.Silo.Statistics;

namespace SoupsActors.Silo.Tests.Statistics;

public sealed class GrainCallStatisticsTests
{
    private static readonly MethodInfo Method = typeof(IExpertGrain).GetMethod(nameof(IExpertGrain.Describe))!;

    [Fact]
    public async Task calls_are_counted_and_failures_told_from_refusals()
    {
        var statistics = new GrainCallStatistics();
        await statistics.Invoke(new FakeCall(null));
        await FailAsync(SoupsException.NotFound("No such expert.", "unknown_expert"));
        await FailAsync(new OperationCanceledException());
        await FailAsync(new InvalidOperationException("Broken."));
        await FailAsync(new SoupsException(SoupsError.Busy, "Full.", "busy"));

        var method = Assert.Single(statistics.Read());
        Assert.Equal(("IExpertGrain", "Describe", 5, 2), (method.Grain, method.Method, method.Calls, method.Failures));
        Assert.True(method.MaxSeconds >= method.MeanSeconds);

        async Task FailAsync(Exception error) =>
            Assert.Same(error, await Record.ExceptionAsync(() => statistics.Invoke(new FakeCall(error))));
    }

    private sealed class FakeCall(Exception? failure) : IIncomingGrainCallContext
    {
        public IInvokable Request => throw new NotSupportedException();

        public object Grain => this;

        public GrainId? SourceId => null;

        public GrainId TargetId => default;

        public string InterfaceName => nameof(IExpertGrain);

        public string MethodName => Method.Name;

        public MethodInfo InterfaceMethod => Method;

        public MethodInfo ImplementationMethod => Method;

        public IGrainContext TargetContext => throw new NotSupportedException();

        public object? Result { get; set; }

        public Task Invoke() => failure is null ? Task.CompletedTask : Task.FromException(failure);
    }
}
