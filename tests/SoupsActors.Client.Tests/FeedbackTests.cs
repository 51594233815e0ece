using System.Net;
using System.Text.Json.Nodes;
using SoupsActors.Feedback;
using SoupsActors.Generation;

namespace SoupsActors.Client.Tests;

public sealed class FeedbackTests
{
    private static readonly PairFeedback Pair = new(FeedbackAnswer.Of("a"), FeedbackAnswer.Given("chatcmpl-1"))
    {
        User = "alice",
        Preference = "P1A",
    };

    [Fact]
    public async Task Feedback_travels_in_its_own_form_and_a_repetition_is_the_same_event()
    {
        using var silo = new StubSilo().Breaks().Answers(HttpStatusCode.OK, Results("accepted"));
        var sending = silo.Get<SoupsClient>().SendFeedbackAsync(
            new ReactionFeedback(Thumb.Up) { User = "alice", Interaction = "chatcmpl-1" }, TestContext.Current.CancellationToken);
        silo.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(FeedbackStatus.Accepted, (await sending).Status);
        Assert.Equal(silo.Requests[0].Body, silo.Requests[1].Body);
        var sent = JsonNode.Parse(silo.Requests[1].Body)!["events"]![0]!;
        Assert.Equal(("reaction", "up", "chatcmpl-1"), ((string?)sent["kind"], (string?)sent["reaction"], (string?)sent["interaction"]));
        Assert.Equal(32, ((string)sent["operation_id"]!).Length);
    }

    [Fact]
    public async Task A_refused_event_is_an_exception_and_in_a_batch_a_result()
    {
        const string Refused =
            """{"results":[{"index":0,"operation_id":"o","status":"refused","error":{"message":"Send more.","code":"c","param":"p"}}]}""";
        using var silo = new StubSilo().Answers(HttpStatusCode.OK, Refused).Answers(HttpStatusCode.OK, Refused);
        var client = silo.Get<SoupsClient>();
        var error = await Assert.ThrowsAsync<SoupsApiException>(
            () => client.SendFeedbackAsync(Pair, TestContext.Current.CancellationToken));
        Assert.Equal(("Send more.", "c", "p"), (error.Message, error.Code, error.Param));
        var result = Assert.Single(await client.SendFeedbackAsync([Pair], TestContext.Current.CancellationToken));
        Assert.Equal((FeedbackStatus.Refused, "c"), (result.Status, result.Error!.Code));
    }

    [Fact]
    public async Task Many_events_go_in_several_requests()
    {
        using var silo = new StubSilo()
            .Answers(HttpStatusCode.OK, Results("accepted", 500))
            .Answers(HttpStatusCode.OK, Results("duplicate", 100));
        var events = Enumerable.Range(0, 600).Select(i => (FeedbackEvent)(Pair with { OperationId = $"{i}" })).ToArray();
        var results = await silo.Get<SoupsClient>().SendFeedbackAsync(events, TestContext.Current.CancellationToken);
        Assert.Equal(600, results.Count);
        Assert.Equal(FeedbackStatus.Duplicate, results[^1].Status);
        Assert.Equal([500, 100], silo.Requests.Select(r => JsonNode.Parse(r.Body)!["events"]!.AsArray().Count));
    }

    [Fact]
    public async Task An_export_is_read_event_by_event()
    {
        const string Lines = """
            {"position":3,"received_at":"2026-01-01T00:00:00+00:00","event":{"kind":"pair","chosen":"a","rejected":{"interaction":"i"},"user":"alice","operation_id":"o","prompt":[{"role":"system","content":"s"},{"role":"user","content":"p"}]},"context":{"prompt":null,"answers":["a",null]}}
            {"position":5,"received_at":"2026-01-01T00:00:00+00:00","event":{"kind":"rating","ratings":{"help":4},"answer":"a","user":"bob","operation_id":"o","prompt":"p"}}
            """;
        using var silo = new StubSilo().Answers(HttpStatusCode.OK, Lines);
        var read = new List<StoredFeedback>();
        await foreach (var stored in silo.Get<SoupsClient>().ReadFeedbackAsync(
            new FeedbackFilter { User = "a b" }, after: 2, TestContext.Current.CancellationToken))
        {
            read.Add(stored);
        }

        Assert.Equal("/v1/feedback?format=events&user=a%20b&after=2", silo.Requests[0].Path);
        var pair = Assert.IsType<PairFeedback>(read[0].Event);
        Assert.Equal((FeedbackAnswer.Of("a"), FeedbackAnswer.Given("i")), (pair.Chosen, pair.Rejected));
        Assert.Equal(new ChatMessage("user", "p"), pair.Prompt![1]);
        Assert.Equal([null, "a"], read[0].Texts().Answers.Order());
        Assert.Equal((5L, 0.75), (read[1].Position, Assert.IsType<RatingFeedback>(read[1].Event).Score));
    }

    private static string Results(string status, int count = 1) => "{\"results\":["
        + string.Join(',', Enumerable.Range(0, count).Select(i => $$"""{"index":{{i}},"operation_id":"o{{i}}","status":"{{status}}"}"""))
        + "]}";
}
