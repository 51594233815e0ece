using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using SoupsActors.Generation;
using SoupsActors.Grains.Generation;
using SoupsActors.Placement;

namespace SoupsActors.Grains.Tests.Generation;

/// <summary>Who is known to generate, and for how long.</summary>
public sealed class GeneratorDirectoryTests : IAsyncLifetime
{
    private readonly HoldingSilo silo = new();

    private GeneratorDirectory Directory => silo.Services.GetRequiredService<GeneratorDirectory>();

    private IGeneratorDirectoryGrain Grain =>
        silo.Grains.GetGrain<IGeneratorDirectoryGrain>(IGeneratorDirectoryGrain.Key);

    public ValueTask InitializeAsync() => silo.InitializeAsync();

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task generators_that_report_are_known_until_they_fall_silent_or_leave()
    {
        await ExchangeAsync();
        silo.Clock.Advance(TimeSpan.FromSeconds(5));
        await Grain.Exchange([Report("far", 1), Report("further", 1)]);
        Assert.Equal(["default", "far", "further"], await KeysAsync());
        await Grain.Leave("further");
        Assert.Equal(["default", "far"], await KeysAsync());
        silo.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["default"], await KeysAsync());
    }

    [Fact]
    public async Task a_gateway_that_knew_nobody_looks_again_before_it_refuses()
    {
        var gateway = Gateway();

        // The silo's own generator says nothing more, also where its first report is still on its way.
        silo.Engine.Load = null;
        await ExchangeAsync();
        await Grain.Leave("default");
        Assert.Empty(await gateway.ListAsync());
        await Grain.Exchange([Report("far", 1)]);
        Assert.Equal("far", Assert.Single(await gateway.ListAsync()).Key);
    }

    [Fact]
    public async Task an_old_view_is_used_at_once_while_the_directory_does_not_answer()
    {
        var gateway = Gateway();
        await Grain.Exchange([Report("far", 1)]);
        await gateway.ExchangeAsync();
        var held = silo.HoldExchangesOfGateways();
        silo.Clock.Advance(TimeSpan.FromSeconds(5));
        for (var i = 0; i < 3; i++)
        {
            var listing = gateway.ListAsync();
            Assert.True(listing.IsCompleted);
            Assert.Contains(await listing, g => g.Key == "far");
        }

        // Meanwhile one exchange is under way, and brings the view up to date.
        await silo.ExchangeHeld.WaitAsync(TestContext.Current.CancellationToken);
        await Grain.Leave("far");
        await Grain.Exchange([Report("further", 1)]);
        var exchange = gateway.ExchangeAsync();
        held.SetResult();
        await exchange;
        Assert.Equal(0, silo.ExchangeHeld.CurrentCount);
        Assert.DoesNotContain(await gateway.ListAsync(), g => g.Key == "far");
        Assert.Contains(await gateway.ListAsync(), g => g.Key == "further");
    }

    [Fact]
    public async Task a_generator_that_lost_a_call_is_left_out_until_it_reports_again()
    {
        await Grain.Exchange([Report("far", 1)]);
        await KeysAsync();
        Directory.Suspect(Assert.Single(await Directory.ListAsync(), g => g.Key == "far"));
        Assert.Equal(["default"], await KeysAsync());
        await Grain.Exchange([Report("far", 2)]);
        Assert.Equal(["default", "far"], await KeysAsync());
    }

    [Fact]
    public async Task a_generator_that_falls_silent_is_given_up_before_its_silo_is_declared_dead()
    {
        await ExchangeAsync();
        silo.Clock.Advance(TimeSpan.FromSeconds(5));
        await Grain.Exchange([Report("far", 1)]);
        await KeysAsync();
        var silence = Directory.Silence(Assert.Single(await Directory.ListAsync(), g => g.Key == "far"));
        await ExchangeAsync();
        Assert.False(silence.IsCancellationRequested);
        silo.Clock.Advance(TimeSpan.FromSeconds(5));
        await ExchangeAsync();
        Assert.True(silence.IsCancellationRequested);
    }

    [Fact]
    public async Task a_directory_that_has_just_begun_gives_nobody_up()
    {
        await Grain.Exchange([Report("far", 1)]);
        await KeysAsync();
        var silence = Directory.Silence(Assert.Single(await Directory.ListAsync(), g => g.Key == "far"));

        // As after its silo was lost: it begins anew elsewhere and knows nobody.
        await silo.Grains.GetGrain<Orleans.Runtime.IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        await ExchangeAsync();
        Assert.False(silence.IsCancellationRequested);
        Assert.Contains(await Directory.ListAsync(), g => g.Key == "far");
    }

    [Fact]
    public async Task a_generator_that_is_reported_but_gone_is_passed_over()
    {
        silo.Engine.Load = new GeneratorLoad(9, 8, 8, [], 16, 0, 0);
        await Grain.Exchange([Report("far", 1)]);
        await KeysAsync();
        var request = new TextRequest { Messages = [new ChatMessage("user", "hi")] };
        for (var i = 0; i < 5; i++)
            Assert.Equal("one two three", (await silo.User("alice").Generate(request)).Text);
        Assert.Equal(5, silo.Engine.Requests.Count);
        Assert.Equal(["default"], (await Directory.ListAsync()).Select(g => g.Key));
    }

    [Fact]
    public async Task a_device_that_is_not_ready_is_not_reported_and_says_itself_why()
    {
        silo.Engine.Load = null;
        silo.Engine.Failure = new SoupsException(SoupsError.NotReady, "still loading", "model_not_ready");
        Assert.Empty(await Directory.ListAsync());
        var error = await Assert.ThrowsAsync<SoupsException>(
            () => silo.User("alice").Generate(new TextRequest { Prompt = "hi" }));
        Assert.Equal("model_not_ready", error.Code);
    }

    // The directory of a silo without devices.
    private GeneratorDirectory Gateway() => new(
        silo.Grains,
        new GeneratorDevices([], silo.Clock),
        silo.Services.GetRequiredService<IOptions<PlacementOptions>>(),
        silo.Clock);

    private static GeneratorReport Report(string key, long sequence) => new(
        key,
        sequence,
        new ModelDescriptor("fake", "base-hash", 128, 64, DateTimeOffset.UnixEpoch),
        new GeneratorLoad(0, 0, 8, [], 16, 0, 0));

    // The first may join an exchange that began before the test's report.
    private async Task ExchangeAsync()
    {
        await Directory.ExchangeAsync();
        await Directory.ExchangeAsync();
    }

    private async Task<string[]> KeysAsync()
    {
        await ExchangeAsync();
        return [.. (await Directory.ListAsync()).Select(g => g.Key).Order()];
    }

    /// <summary>A silo whose directory grain can be made to keep callers waiting.</summary>
    private sealed class HoldingSilo : TestSilo
    {
        private volatile TaskCompletionSource? held;

        /// <summary>Released whenever an exchange is held.</summary>
        public SemaphoreSlim ExchangeHeld { get; } = new(0);

        /// <summary>From now on exchanges of silos without devices wait for the result.</summary>
        public TaskCompletionSource HoldExchangesOfGateways() =>
            held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override void AddStorage(ISiloBuilder silo)
        {
            base.AddStorage(silo);
            silo.AddIncomingGrainCallFilter(async context =>
            {
                if (held is { } until && context.MethodName == nameof(IGeneratorDirectoryGrain.Exchange)
                    && context.Request.GetArgument(0) is GeneratorReport[] { Length: 0 })
                {
                    ExchangeHeld.Release();
                    await until.Task;
                }

                await context.Invoke();
            });
        }
    }
}
