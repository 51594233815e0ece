namespace SoupsActors.Actors.Tests.Conformance;

public interface ITimerGrain : IGrainWithStringKey
{
    Task Start(TimeSpan due, TimeSpan period, bool interleave);

    Task Change(TimeSpan due, TimeSpan period);

    Task Stop();

    Task<int> Ticks();

    Task<string?> SeenByTick();

    Task Visit(string gate);

    Task StartEndless();
}

public sealed class TimerGrain : Grain, ITimerGrain
{
    private IGrainTimer? timer;
    private int ticks;
    private object? seen;

    public Task Start(TimeSpan due, TimeSpan period, bool interleave)
    {
        timer = this.RegisterGrainTimer(
            (name, _) =>
            {
                ticks++;
                seen = RequestContext.Get("user");
                Gates.Signal($"{name} tick {ticks}");
                return Task.CompletedTask;
            },
            this.GetPrimaryKeyString(),
            new GrainTimerCreationOptions(due, period) { Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task Change(TimeSpan due, TimeSpan period)
    {
        timer!.Change(due, period);
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        timer!.Dispose();
        return Task.CompletedTask;
    }

    public Task<int> Ticks() => Task.FromResult(ticks);

    public Task<string?> SeenByTick() => Task.FromResult(seen as string);

    public Task Visit(string gate) => Gates.PassAsync(gate);

    public Task StartEndless()
    {
        var name = this.GetPrimaryKeyString();
        timer = this.RegisterGrainTimer(
            async cancellationToken =>
            {
                Gates.Signal($"{name} begun");
                await Task.Delay(Timeout.Infinite, cancellationToken)
                    .ConfigureAwait(
                        ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                Gates.Signal($"{name} cancelled");
            },
            new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true });
        return Task.CompletedTask;
    }
}

public interface IReminderGrain : IGrainWithStringKey
{
    Task Remind(string name, TimeSpan due, TimeSpan period);

    Task Forget(string name);

    Task<List<string>> Names();

    Task<int> Received(string name);

    Task End();
}

public sealed class ReminderGrain : Grain, IReminderGrain, IRemindable
{
    private readonly Dictionary<string, int> received = [];

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        received[reminderName] = received.GetValueOrDefault(reminderName) + 1;
        Gates.Signal($"{this.GetPrimaryKeyString()} {reminderName} {status.CurrentTickTime:HH:mm}");
        return Task.CompletedTask;
    }

    public Task Remind(string name, TimeSpan due, TimeSpan period) => this.RegisterOrUpdateReminder(name, due, period);

    public async Task Forget(string name) => await this.UnregisterReminder((await this.GetReminder(name))!);

    public async Task<List<string>> Names() => [.. (await this.GetReminders()).Select(r => r.ReminderName).Order()];

    public Task<int> Received(string name) => Task.FromResult(received.GetValueOrDefault(name));

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

public sealed class TimersAndReminders
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly string id = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task A_timer_ticks_after_its_due_time_and_each_period_until_it_is_disposed()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ITimerGrain>(id);
        await grain.Start(2 * Second, 5 * Second, interleave: false);
        host.Time.Advance(Second);
        Assert.Equal(0, await grain.Ticks());
        await AdvanceToTick(host, Second, 1);
        await AdvanceToTick(host, 5 * Second, 2);
        await grain.Change(Second, Timeout.InfiniteTimeSpan);
        await AdvanceToTick(host, Second, 3);
        Assert.Equal(3, await grain.Ticks());
        host.Time.Advance(Minute);
        Assert.Equal(3, await grain.Ticks());
        await grain.Change(Second, Second);
        await grain.Stop();
        host.Time.Advance(Minute);
        Assert.Equal(3, await grain.Ticks());
    }

    [Fact]
    public async Task Ticks_see_nothing_of_the_calls_around_them()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ITimerGrain>(id);
        RequestContext.Set("user", "alice");
        await grain.Start(Second, Timeout.InfiniteTimeSpan, interleave: false);
        var visit = grain.Visit(id);
        await Gates.ArrivalAsync(id);
        host.Time.Advance(Second);
        Gates.Open(id);
        await visit;
        await Gates.ArrivalAsync($"{id} tick 1");
        Assert.Null(await grain.SeenByTick());
    }

    [Fact]
    public async Task Ticks_wait_for_calls_unless_told_to_interleave()
    {
        await using var host = await TestHost.StartAsync();
        var polite = host.Grains.GetGrain<ITimerGrain>(id + "polite");
        var pushy = host.Grains.GetGrain<ITimerGrain>(id + "pushy");
        await polite.Start(Second, Timeout.InfiniteTimeSpan, interleave: false);
        await pushy.Start(Second, Timeout.InfiniteTimeSpan, interleave: true);
        var visits = Task.WhenAll(polite.Visit(id + "1"), pushy.Visit(id + "2"));
        await Gates.ArrivalAsync(id + "1");
        await Gates.ArrivalAsync(id + "2");
        host.Time.Advance(Second);
        await Gates.ArrivalAsync($"{id}pushy tick 1");
        Assert.False(Gates.HasArrived($"{id}polite tick 1"));
        Gates.Open(id + "1");
        Gates.Open(id + "2");
        await visits;
        await Gates.ArrivalAsync($"{id}polite tick 1");
    }

    [Fact]
    public async Task Disposing_a_timer_cancels_the_token_of_its_callback()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ITimerGrain>(id);
        await grain.StartEndless();
        host.Time.Advance(Second);
        await Gates.ArrivalAsync($"{id} begun");
        await grain.Stop();
        await Gates.ArrivalAsync($"{id} cancelled");
    }

    [Fact]
    public async Task Reminders_wake_grains_and_go_on_until_removed()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IReminderGrain>(id);
        await grain.Remind("tea", 2 * Minute, 10 * Minute);
        await grain.End();
        await host.AdvanceToAsync(2 * Minute, $"{id} tea 00:02");
        await host.AdvanceToAsync(10 * Minute, $"{id} tea 00:12");
        Assert.Equal(["tea"], await grain.Names());
        await grain.Forget("tea");
        Assert.Empty(await grain.Names());
        var before = await grain.Received("tea");
        host.Time.Advance(10 * Minute);
        Assert.Equal(before, await grain.Received("tea"));
    }

    [Fact]
    public async Task A_reminder_registered_again_gets_new_times()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IReminderGrain>(id);
        await grain.Remind("tea", 2 * Minute, 10 * Minute);
        await grain.Remind("tea", 5 * Minute, 10 * Minute);
        host.Time.Advance(2 * Minute);
        Assert.Equal(0, await grain.Received("tea"));
        await host.AdvanceToAsync(3 * Minute, $"{id} tea 00:05");
        Assert.Single(await grain.Names());
    }

    [Fact]
    public async Task A_period_that_is_too_short_is_refused()
    {
        await using var host = await TestHost.StartAsync();
        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => host.Grains.GetGrain<IReminderGrain>(id).Remind("tea", Minute, Second));
        Assert.Contains("tea", error.Message, StringComparison.Ordinal);
    }

    private async Task AdvanceToTick(TestHost host, TimeSpan by, int tick)
    {
        await host.AdvanceToAsync(by, $"{id} tick {tick}");
        // The period counts from the end of the tick, which a further turn of the grain follows.
        await host.Grains.GetGrain<ITimerGrain>(id).Ticks();
    }
}
