using SoupsActors.Learning.Data;
using SoupsActors.Learning.Judging;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Models.Tokenization;
using SoupsActors.Models.Tokenization.Chat;
using SoupsActors.Testing;

namespace SoupsActors.Learning.Tests.Judging;

public sealed class RewardModelJudgeTests : IDisposable
{
    private static readonly Criterion Long = new("P2B", "Choose a response that is full.");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_higher_reward_wins_by_more_than_the_margin()
    {
        using var judge = Judge(new RuleReward("length", r => r.Text.Length), tieMargin: 2);
        Assert.Equal(Judgement.Win, await Compare(judge, "the soup", "soup"));
        Assert.Equal(Judgement.Loss, await Compare(judge, "soup", "the soup"));
        Assert.Equal(Judgement.Tie, await Compare(judge, "soup", "soups"));
        Assert.Equal(Judgement.Win, await Compare(judge, "soup", "so"));
    }

    [Fact]
    public async Task Each_answer_is_scored_once_and_identical_answers_never()
    {
        var scored = new List<string>();
        using var judge = Judge(new RuleReward("length", r =>
        {
            scored.Add(r.Text);
            return r.Text.Length;
        }));
        await Compare(judge, "soup", "soup");
        await Compare(judge, "soup", "fox");
        await Compare(judge, "soup", "carrots");
        Assert.Equal(["soup", "fox", "carrots"], scored);
    }

    [Fact]
    public async Task The_reward_sees_prompt_and_answer_as_tokens_with_the_end_token()
    {
        Rollout? seen = null;
        using var judge = Judge(new RuleReward("see", r =>
        {
            seen = r;
            return 0;
        }));
        await Compare(judge, "soup", "fox");
        Assert.Equal("Who?", seen!.Prompt.Text);
        Assert.Equal(["P2B"], seen.Prompt.Preferences);
        Assert.Equal(Format().Prompt("Who?"), seen.Prompt.Tokens);
        Assert.Equal(Format().EndToken, seen.Response[^1]);
    }

    [Fact]
    public async Task A_criterion_without_a_reward_is_named()
    {
        using var judge = Judge(new RuleReward("length", r => 0));
        var error = await Assert.ThrowsAsync<ArgumentException>(() => judge.CompareAsync(
            new Criterion("P1A", ""), "", "a", "b", TestContext.Current.CancellationToken));
        Assert.Contains("P1A", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reward_that_is_no_number_never_judges()
    {
        using var judge = Judge(new RuleReward("broken", _ => double.NaN));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Compare(judge, "a", "b"));
    }

    private RewardModelJudge Judge(IRewardSource reward, double tieMargin = 0) =>
        new(new Dictionary<string, IRewardSource> { [Long.Id] = reward }, Format(), tieMargin);

    private ConversationFormat Format()
    {
        if (!File.Exists(Path.Combine(folder.Path, "tokenizer.json")))
            TinyModel.Create(folder.Path);
        var tokenizer = Tokenizer.Load(folder.Path);
        return new ConversationFormat(tokenizer, ChatTemplate.ChatMl, tokenizer.EosId!.Value, 64);
    }

    private static Task<Judgement> Compare(RewardModelJudge judge, string a, string b) =>
        judge.CompareAsync(Long, "Who?", a, b, TestContext.Current.CancellationToken);
}
