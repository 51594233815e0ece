using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Actors.Tests.Conformance;

namespace SoupsActors.Actors.Tests.Host;

public sealed class ActivationTests
{
    private static readonly CallMethod Nothing = new(
        typeof(IEchoGrain), typeof(IEchoGrain).GetMethod(nameof(IEchoGrain.Nothing))!);

    [Fact]
    public async Task Calls_taken_over_from_the_activation_before_run_before_those_that_came_later()
    {
        await using var testHost = await TestHost.StartAsync();
        var host = testHost.Services.GetRequiredService<GrainHost>();
        var reference = (GrainReference)testHost.Grains.GetGrain<IPlainGrain>("a");
        var activation = new Activation(host, reference.Class!, reference.GrainId, new NoOwner());
        List<int> order = [];
        var calls = Enumerable.Range(0, 5).Select(i => new NumberedCall(reference, i, order)).ToArray();
        calls[0].Next = calls[1];
        activation.TakeOver(calls[0]);
        foreach (var late in calls[2..])
            Assert.True(activation.Post(late));
        await Task.WhenAll(calls.Select(call => call.Response));
        Assert.Equal([0, 1, 2, 3, 4], order);
    }

    [Fact]
    public async Task Who_asks_after_the_end_finds_it_complete()
    {
        await using var testHost = await TestHost.StartAsync();
        var host = testHost.Services.GetRequiredService<GrainHost>();
        var reference = (GrainReference)testHost.Grains.GetGrain<IPlainGrain>("a");
        var closed = new NoOwner();
        var activation = new Activation(host, reference.Class!, reference.GrainId, closed);
        var call = new NumberedCall(reference, 0, []);
        activation.Post(call);
        await call.Response;
        activation.Deactivate(new DeactivationReason(DeactivationReasonCode.RuntimeRequested, "test"));
        await closed.Task;
        await activation.Deactivated.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.False(activation.Post(new WakeItem()));
    }

    private sealed class NumberedCall : VoidCall
    {
        private readonly int number;
        private readonly List<int> order;

        public NumberedCall(GrainReference reference, int number, List<int> order)
        {
            this.number = number;
            this.order = order;
            Address(reference, Nothing);
        }

        public override Task InvokeOn(object grain)
        {
            order.Add(number);
            return Task.CompletedTask;
        }
    }

    private sealed class NoOwner : IActivationOwner
    {
        private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => closed.Task;

        public void Closed(Activation activation, Call? waiting) => closed.TrySetResult();
    }
}
