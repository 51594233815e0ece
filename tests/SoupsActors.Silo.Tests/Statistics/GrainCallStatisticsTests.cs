using System.Reflection;
using Orleans;
using SoupsActors.Experts;
using SoupsActors.Silo.Statistics;

namespace SoupsActors.Silo.Tests.Statistics;

public sealed class GrainCallStatisticsTests
{
    private static readonly MethodInfo Described = typeof(IExpertGrain).GetMethod(nameof(IExpertGrain.Describe))!;

    [Fact]
    public async Task calls_are_counted_and_failures_told_from_refusals()
    {
        var statistics = new GrainCallStatistics();
        await statistics.Invoke(FakeCall.Of(null));
        await FailAsync(SoupsException.NotFound("No such expert.", "unknown_expert"));
        await FailAsync(new OperationCanceledException());
        await FailAsync(new InvalidOperationException("Broken."));
        await FailAsync(new SoupsException(SoupsError.Busy, "Full.", "busy"));

        var method = Assert.Single(statistics.Read());
        Assert.Equal(("IExpertGrain", "Describe", 5, 2), (method.Grain, method.Method, method.Calls, method.Failures));
        Assert.True(method.MaxSeconds >= method.MeanSeconds);

        async Task FailAsync(Exception error) =>
            Assert.Same(error, await Record.ExceptionAsync(() => statistics.Invoke(FakeCall.Of(error))));
    }

    // The interface has more members on Orleans than in a single process; the statistics need these alone.
    public class FakeCall : DispatchProxy
    {
        private Exception? failure;

        public static IIncomingGrainCallContext Of(Exception? failure)
        {
            var call = Create<IIncomingGrainCallContext, FakeCall>();
            ((FakeCall)(object)call).failure = failure;
            return call;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            "get_Grain" => this,
            "get_InterfaceName" => nameof(IExpertGrain),
            "get_MethodName" => Described.Name,
            "get_InterfaceMethod" or "get_ImplementationMethod" => Described,
            "Invoke" => failure is null ? Task.CompletedTask : Task.FromException(failure),
            _ => throw new NotSupportedException(targetMethod.Name),
        };
    }
}
