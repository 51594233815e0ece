using Microsoft.Extensions.AI;
using SoupsActors.Learning.Judging;

namespace SoupsActors.Learning.Tests.Judging;

public sealed class ChatClientJudgeTests
{
    private static readonly Criterion Concise = new("P2A", "Choose a response that is concise.");

    [Fact]
    public async Task The_same_verdict_in_both_orders_decides()
    {
        using var client = new StubClient(m => $"It is brief.\nOutput ({Position(m, "short")})");
        using var judge = new ChatClientJudge(client);
        Assert.Equal(Judgement.Win, await Compare(judge, "short", "a much longer one"));
        Assert.Equal(Judgement.Loss, await Compare(judge, "a much longer one", "short"));
        Assert.Equal(new JudgeReport(2, 4, 0, 0, 0), judge.Report);
    }

    [Fact]
    public async Task A_model_that_favours_a_position_never_makes_a_win()
    {
        using var client = new StubClient(_ => "I like the first.\nOutput (a)");
        using var judge = new ChatClientJudge(client);
        Assert.Equal(Judgement.Tie, await Compare(judge, "x", "y"));
        Assert.Equal(1, judge.Report.Disagreements);
    }

    [Fact]
    public async Task A_tie_in_one_order_and_a_win_in_the_other_is_a_tie()
    {
        using var client = new StubClient(m => Position(m, "short") == 'a' ? "TIE" : "Output (b)");
        using var judge = new ChatClientJudge(client);
        Assert.Equal(Judgement.Tie, await Compare(judge, "short", "long"));
        Assert.Equal(1, judge.Report.Disagreements);
    }

    [Fact]
    public async Task Identical_answers_are_a_tie_without_asking()
    {
        using var client = new StubClient(_ => throw new InvalidOperationException("asked"));
        using var judge = new ChatClientJudge(client);
        Assert.Equal(Judgement.Tie, await Compare(judge, "same", "same"));
        Assert.Equal(new JudgeReport(0, 0, 0, 0, 0), judge.Report);
    }

    [Fact]
    public async Task A_reply_without_a_verdict_is_asked_for_once_more_with_a_reminder()
    {
        using var client = new StubClient(m => m.Count == 1
            ? "Both have their merits, though Output (a) is longer."
            : $"Output ({Position(m, "short")})");
        using var judge = new ChatClientJudge(client);
        Assert.Equal(Judgement.Win, await Compare(judge, "short", "long"));
        Assert.Equal(new JudgeReport(1, 4, 2, 0, 0), judge.Report);
    }

    [Fact]
    public async Task Replies_that_never_hold_a_verdict_are_counted_and_are_a_tie()
    {
        using var client = new StubClient(m => Position(m, "short") == 'a' ? "Output (a)" : "I cannot decide this.");
        using var judge = new ChatClientJudge(client);
        Assert.Equal(Judgement.Tie, await Compare(judge, "short", "long"));
        Assert.Equal(new JudgeReport(1, 3, 1, 1, 0), judge.Report);
    }

    [Fact]
    public async Task Examples_come_first_as_turns_and_the_question_holds_criterion_prompt_and_answers()
    {
        using var client = new StubClient(_ => "TIE");
        using var judge = new ChatClientJudge(client, new ChatClientJudgeOptions
        {
            Examples =
            [
                new JudgeExample(Concise, "Why?", "So.", "For many reasons.", "The first is brief.", Judgement.Win),
            ],
        });
        await Compare(judge, "one", "two");
        var conversation = client.Conversations[0];
        Assert.Equal([ChatRole.User, ChatRole.Assistant, ChatRole.User], conversation.Select(m => m.Role));
        Assert.Equal("The first is brief.\nOutput (a)", conversation[1].Text);
        Assert.All((string[])[Concise.Text, "What is soup?", "one", "two"], text =>
            Assert.Contains(text, conversation[2].Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_placeholder_inside_an_answer_stays_its_own_text()
    {
        using var client = new StubClient(_ => "TIE");
        using var judge = new ChatClientJudge(client);
        await Compare(judge, "secret", "use {a} here");
        Assert.All(client.Conversations, c => Assert.Contains("use {a} here", c[0].Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_more_requests_are_under_way_than_allowed()
    {
        using var client = new StubClient(_ => "TIE");
        using var judge = new ChatClientJudge(client, new ChatClientJudgeOptions { Parallelism = 3 });
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Compare(judge, $"a{i}", $"b{i}")));
        Assert.Equal(40, client.Conversations.Count);
        Assert.InRange(client.MostAtOnce, 1, 3);
    }

    [Fact]
    public async Task Cancellation_reaches_the_client()
    {
        using var client = new StubClient(_ => "TIE", forever: true);
        using var judge = new ChatClientJudge(client);
        using var stop = new CancellationTokenSource();
        var comparison = judge.CompareAsync(Concise, "What is soup?", "a", "b", stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => comparison);
    }

    [Fact]
    public void A_template_without_both_answers_is_refused()
    {
        using var client = new StubClient(_ => "TIE");
        var error = Assert.Throws<ArgumentException>(() => new ChatClientJudge(
            client, new ChatClientJudgeOptions { Template = "{criterion} {prompt} {a}" }));
        Assert.Contains("{b}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Output (a)", Judgement.Win)]
    [InlineData("It says less.\n\n**Output (b)**\n", Judgement.Loss)]
    [InlineData("Verdict: TIE.", Judgement.Tie)]
    [InlineData("My final answer is: Output (a).", Judgement.Win)]
    [InlineData("output b", Judgement.Loss)]
    [InlineData("(a)", Judgement.Win)]
    [InlineData("Output (a)\n\nSay if you want to know more.", Judgement.Win)]
    [InlineData("First I leaned to\nOutput (a)\nbut on reflection:\nOutput (b)", Judgement.Loss)]
    [InlineData("Output (a)\nor perhaps\nOutput (b)\nwho knows", null)]
    [InlineData("Output (a) is worse than Output (b).", null)]
    [InlineData("Worse: Output (a)", null)]
    [InlineData("It is hard to tie them apart", null)]
    [InlineData("", null)]
    public void Verdicts_are_read_only_where_they_are_plain(string reply, Judgement? expected) =>
        Assert.Equal(expected, VerdictParser.Parse(reply));

    private static Task<Judgement> Compare(ChatClientJudge judge, string a, string b) =>
        judge.CompareAsync(Concise, "What is soup?", a, b, TestContext.Current.CancellationToken);

    /// <summary>Which output a question shows an answer as.</summary>
    private static char Position(IReadOnlyList<ChatMessage> conversation, string answer) =>
        conversation[0].Text.Contains($"<output_a>\n{answer}\n</output_a>", StringComparison.Ordinal) ? 'a' : 'b';

    private sealed class StubClient(Func<IReadOnlyList<ChatMessage>, string> reply, bool forever = false) : IChatClient
    {
        private readonly Lock gate = new();
        private int now;

        public List<IReadOnlyList<ChatMessage>> Conversations { get; } = [];

        public int MostAtOnce { get; private set; }

        public async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            CancellationToken cancellationToken = default)
        {
            ChatMessage[] conversation = [.. messages];
            lock (gate)
            {
                Conversations.Add(conversation);
                MostAtOnce = Math.Max(MostAtOnce, ++now);
            }

            if (forever)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            await Task.Yield();
            lock (gate)
                now--;
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, reply(conversation)));
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
