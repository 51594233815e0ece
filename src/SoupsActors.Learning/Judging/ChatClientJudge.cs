using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace SoupsActors.Learning.Judging;

/// <summary>What a language model's judging came to, so that a report can say how far to trust it.</summary>
/// <param name="Comparisons">Comparisons the model was asked about.</param>
/// <param name="Requests">Replies it gave, both orders and second attempts included.</param>
/// <param name="Repeated">Replies without a verdict that were asked for again.</param>
/// <param name="Unparsable">Comparisons that count as ties because no verdict came twice.</param>
/// <param name="Disagreements">Comparisons that count as ties because the verdict changed with the order.</param>
public sealed record JudgeReport(int Comparisons, int Requests, int Repeated, int Unparsable, int Disagreements);

/// <summary>
/// A language model as judge, through any <see cref="IChatClient"/>: one criterion at a time, asked in both orders, as
/// models favour a position (Zheng et al. 2023, section 3.4). TIE is allowed, and verdicts that disagree are a tie.
/// </summary>
/// <remarks>
/// Follows the protocol of Personalized Soups (Jang et al. 2023) but for the order, which is drawn at random there. A
/// failing request is the caller's to handle; retrying belongs into the client.
/// </remarks>
public sealed partial class ChatClientJudge : IJudge, IDisposable
{
    private readonly IChatClient client;
    private readonly ChatClientJudgeOptions options;
    private readonly SemaphoreSlim room;
    private int comparisons;
    private int requests;
    private int repeated;
    private int unparsable;
    private int disagreements;

    /// <summary>A judge that asks a client, which stays the caller's.</summary>
    /// <exception cref="ArgumentException">A setting is out of range, or the template lacks a placeholder.</exception>
    public ChatClientJudge(IChatClient client, ChatClientJudgeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        this.client = client;
        this.options = options ?? new ChatClientJudgeOptions();
        this.options.Validate();
        room = new SemaphoreSlim(this.options.Parallelism);
    }

    /// <inheritdoc/>
    public string Id => options.Model
        ?? (client.GetService(typeof(ChatClientMetadata)) as ChatClientMetadata)?.DefaultModelId
        ?? "language model";

    /// <summary>What was judged so far.</summary>
    public JudgeReport Report => new(comparisons, requests, repeated, unparsable, disagreements);

    /// <inheritdoc/>
    public async Task<Judgement> CompareAsync(
        Criterion criterion,
        string prompt,
        string answerA,
        string answerB,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(criterion);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(answerA);
        ArgumentNullException.ThrowIfNull(answerB);
        if (answerA == answerB)
            return Judgement.Tie;

        Interlocked.Increment(ref comparisons);
        var verdicts = await Task.WhenAll(
            AskAsync(criterion, prompt, answerA, answerB, cancellationToken),
            AskAsync(criterion, prompt, answerB, answerA, cancellationToken));
        var (first, second) = (verdicts[0], verdicts[1]?.Reversed());
        if (first is null || second is null)
        {
            Interlocked.Increment(ref unparsable);
            return Judgement.Tie;
        }

        if (first == second)
            return first.Value;
        Interlocked.Increment(ref disagreements);
        return Judgement.Tie;
    }

    /// <inheritdoc/>
    public void Dispose() => room.Dispose();

    /// <summary>Asks in one order, twice where the first reply holds no verdict; null where neither does.</summary>
    private async Task<Judgement?> AskAsync(
        Criterion criterion, string prompt, string a, string b, CancellationToken cancellationToken)
    {
        await room.WaitAsync(cancellationToken);
        try
        {
            var conversation = new List<ChatMessage>();
            foreach (var example in options.Examples)
            {
                conversation.Add(Question(example.Criterion, example.Prompt, example.AnswerA, example.AnswerB));
                conversation.Add(new ChatMessage(
                    ChatRole.Assistant, $"{example.Thought}\n{VerdictParser.Write(example.Verdict)}"));
            }

            conversation.Add(Question(criterion, prompt, a, b));
            var reply = await ReplyAsync(conversation, cancellationToken);
            if (VerdictParser.Parse(reply) is { } verdict)
                return verdict;

            Interlocked.Increment(ref repeated);
            conversation.Add(new ChatMessage(ChatRole.Assistant, reply));
            conversation.Add(new ChatMessage(ChatRole.User, options.Reminder));
            return VerdictParser.Parse(await ReplyAsync(conversation, cancellationToken));
        }
        finally
        {
            room.Release();
        }
    }

    private async Task<string> ReplyAsync(List<ChatMessage> conversation, CancellationToken cancellationToken)
    {
        var response = await client.GetResponseAsync(
            conversation,
            new ChatOptions
            {
                ModelId = options.Model,
                Temperature = options.Temperature,
                MaxOutputTokens = options.MaxOutputTokens,
            },
            cancellationToken);
        Interlocked.Increment(ref requests);
        return response.Text;
    }

    /// <summary>
    /// Fills the template in one pass, so that a placeholder inside an answer stays the answer's own text.
    /// </summary>
    private ChatMessage Question(Criterion criterion, string prompt, string a, string b) => new(
        ChatRole.User,
        Placeholder().Replace(options.Template, match => match.Value switch
        {
            "{criterion}" => criterion.Text,
            "{prompt}" => prompt,
            "{a}" => a,
            _ => b,
        }));

    [GeneratedRegex(@"\{(?:criterion|prompt|a|b)\}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
