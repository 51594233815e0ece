using System.Threading.Channels;
using SoupsActors.Generation;
using SoupsActors.Users;

namespace SoupsActors.Grains.Tests.Users;

public sealed class ConversationTests : IAsyncLifetime
{
    private readonly TestSilo silo = new();

    private IUserGrain Alice => silo.User("alice");

    public ValueTask InitializeAsync() => silo.InitializeAsync();

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task requests_store_nothing_unless_they_ask_for_it()
    {
        await Alice.Generate(Ask("hi", history: false));
        Assert.Empty(await Alice.GetHistory());
    }

    [Fact]
    public async Task a_stored_conversation_is_continued()
    {
        await Alice.Generate(Ask("first"));
        await Alice.Generate(Ask("second"));
        Assert.Equal(
            ["first", "one two three", "second"], silo.Engine.Requests.Last().Messages!.Select(m => m.Content));
        Assert.Equal(["user", "assistant", "user", "assistant"], (await Alice.GetHistory()).Select(m => m.Role));
    }

    [Fact]
    public async Task the_conversation_is_stored_before_the_last_piece_is_handed_over()
    {
        await foreach (var piece in Alice.Stream(Ask("hi")))
        {
            if (piece.End is not null)
            {
                Assert.Equal(2, (await Alice.GetHistory()).Length);
                break;
            }
        }
    }

    [Fact]
    public async Task the_oldest_messages_go_beyond_the_limit()
    {
        await Alice.SetProfile(new SoupProfile { HistoryLimit = 3 }, null, TestSilo.Op());
        await Alice.Generate(Ask("first"));
        await Alice.Generate(Ask("second"));
        Assert.Equal(["one two three", "second", "one two three"], (await Alice.GetHistory()).Select(m => m.Content));
    }

    [Fact]
    public async Task a_repeated_exchange_is_stored_once()
    {
        var operation = TestSilo.Op();
        await Alice.Generate(Ask("hi") with { OperationId = operation });
        await Alice.Generate(Ask("hi") with { OperationId = operation });
        Assert.Equal(2, (await Alice.GetHistory()).Length);
    }

    [Fact]
    public async Task a_repeated_clearing_does_not_clear_what_came_after()
    {
        var operation = TestSilo.Op();
        await Alice.Generate(Ask("before"));
        await Alice.ClearHistory(operation);
        await Alice.Generate(Ask("after"));
        await Alice.ClearHistory(operation);
        Assert.Equal("after", (await Alice.GetHistory())[0].Content);
    }

    [Fact]
    public async Task an_export_holds_everything_and_forgetting_removes_it()
    {
        var written = await Alice.SetProfile(new SoupProfile { SystemPrompt = "secret" }, null, TestSilo.Op());
        await Alice.Generate(Ask("hi"));
        var export = await Alice.Export();
        Assert.Equal(("alice", written.ETag, "secret"), (export.User, export.ETag, export.Profile.SystemPrompt));
        Assert.Equal(2, export.History.Length);

        await Alice.Forget(TestSilo.Op());
        await Alice.Forget(TestSilo.Op());
        var nothing = await Alice.Export();
        Assert.Equal(("0", null), (nothing.ETag, nothing.Profile.SystemPrompt));
        Assert.Empty(nothing.History);
    }

    [Fact]
    public async Task a_request_under_way_stores_nothing_about_a_user_who_was_forgotten()
    {
        silo.Engine.Permits = Channel.CreateUnbounded<bool>();
        var answer = Alice.Generate(Ask("hi"));
        await silo.Engine.RowBegan.WaitAsync(TestContext.Current.CancellationToken);
        await Alice.Forget(TestSilo.Op());
        silo.Engine.Permits.Writer.TryWrite(true);
        silo.Engine.Permits.Writer.TryWrite(true);
        silo.Engine.Permits.Writer.TryWrite(true);
        await answer;
        Assert.Empty(await Alice.GetHistory());
    }

    private static TextRequest Ask(string text, bool history = true) =>
        new() { Messages = [new ChatMessage("user", text)], Soup = new SoupOverride { History = history } };
}
