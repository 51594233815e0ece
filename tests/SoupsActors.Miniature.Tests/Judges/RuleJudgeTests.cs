using SoupsActors.Learning.Judging;
using SoupsActors.Miniature.Judges;

namespace SoupsActors.Miniature.Tests.Judges;

public sealed class RuleJudgeTests
{
    [Fact]
    public async Task Rules_judge_through_the_same_door_as_models()
    {
        const string Brief = "Rain falls when small drops join and grow too heavy to float.";
        const string Fuller = Brief + " Warm air lifts water from the sea. High up it cools and forms clouds.";
        var criteria = RuleJudge.Criteria([Preferences.Get("P2A"), Preferences.Get("P2B")]);
        Assert.All(criteria, c => Assert.Equal(Preferences.Get(c.Id).JudgeText, c.Text));

        var token = TestContext.Current.CancellationToken;
        Assert.Equal(Judgement.Win, await RuleJudge.Default.CompareAsync(criteria[0], "Why?", Brief, Fuller, token));
        Assert.Equal(Judgement.Loss, await RuleJudge.Default.CompareAsync(criteria[1], "Why?", Brief, Fuller, token));
        Assert.Equal(Judgement.Tie, await RuleJudge.Default.CompareAsync(criteria[1], "Why?", Brief, Brief, token));
        await Assert.ThrowsAsync<ArgumentException>(() => RuleJudge.Default.CompareAsync(
            new Criterion("P9Z", ""), "Why?", Brief, Fuller, token));
    }
}
