using SoupsActors.Serving.Delivery;
using SoupsActors.Serving.Tests.Fakes;

namespace SoupsActors.Serving.Tests.Scheduling;

/// <summary>Requests in the background beside those of users.</summary>
public sealed class BackgroundTests
{
    [Fact]
    public void A_background_requests_tokens_are_those_it_gets_alone()
    {
        var background = Requests.Of([4, 5, 6], 20, ("e0", 1)) with { IsBackground = true };
        var alone = Requests.RunAlone(background, new FakeStepModel());
        var engine = GenerationEngine.WithoutThread(new FakeStepModel());
        var answer = engine.Submit(background);
        for (var i = 0; i < 30; i++)
            _ = Requests.Drain(engine, engine.Submit(Requests.Of([1, i % 24], 3)));
        Assert.Equal(alone.ToString(), Requests.Drain(engine, answer).ToString());
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.2)]
    [InlineData(0)]
    public void Beside_users_the_background_gets_no_more_than_its_share_but_goes_on(double share)
    {
        var options = new EngineOptions { BackgroundShare = share };
        var engine = GenerationEngine.WithoutThread(new FakeStepModel(contextLength: 600, blockCount: 2000), options: options);
        Answer[] background = [.. Submit(4, isBackground: true)];
        Answer[] users = [.. Submit(4, isBackground: false)];
        var (served, trained) = (0, 0);
        for (var i = 0; i < 200; i++)
        {
            Assert.True(engine.Step());
            served += users.Sum(Taken);
            trained += background.Sum(Taken);
        }

        Assert.Equal(4 * 200, served);
        Assert.InRange(trained / (double)(served + trained), 0.9 * share, share);

        IEnumerable<Answer> Submit(int count, bool isBackground) => Enumerable.Range(0, count).Select(i =>
            engine.Submit(Requests.Of([i], 500) with { IsBackground = isBackground }));
    }

    [Fact]
    public void A_user_never_waits_for_a_place_that_the_background_has()
    {
        var options = new EngineOptions { MaxSequences = 2 };
        var engine = GenerationEngine.WithoutThread(new FakeStepModel(blockCount: 100), options: options);
        for (var i = 0; i < 5; i++)
            engine.Submit(Requests.Of([i], 40) with { IsBackground = true });
        engine.Step();
        Assert.Equal((2, 2), (engine.Statistics.RunningRows, engine.Statistics.BackgroundRows));

        Answer[] users = [engine.Submit(Requests.Of([7], 5)), engine.Submit(Requests.Of([8], 5))];
        engine.Step();
        Assert.All(users, user => Assert.Equal(1, Taken(user)));
    }

    [Fact]
    public void The_background_leaves_half_of_the_cache_free_and_waits_for_users_that_wait()
    {
        // 16 blocks of 4 tokens; each request needs 4 blocks.
        var engine = GenerationEngine.WithoutThread(new FakeStepModel(blockCount: 16));
        for (var i = 0; i < 4; i++)
            engine.Submit(Requests.Of([i], 16) with { IsBackground = true });
        engine.Step();
        Assert.Equal((2, 8), (engine.Statistics.BackgroundRows, engine.Statistics.FreeBlocks));
        for (var i = 0; i < 3; i++)
            engine.Submit(Requests.Of([i], 16));
        engine.Step();
        Assert.Equal((4, 2), (engine.Statistics.RunningRows, engine.Statistics.BackgroundRows));
        while (engine.Step())
            Assert.InRange(engine.Statistics.BackgroundRows, 0, 2);
        Assert.Equal((0, 16), (engine.Statistics.RunningRows, engine.Statistics.FreeBlocks));
    }

    private static int Taken(Answer answer)
    {
        var tokens = 0;
        while (answer.TryTake() is { } update)
            tokens += update.Tokens.Count;
        return tokens;
    }
}
