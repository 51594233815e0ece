using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Orleans;
using SoupsActors.Dashboard.Tests.Axe;
using SoupsActors.Dashboard.Tests.Browsing;
using SoupsActors.Feedback;
using SoupsActors.Generation;
using SoupsActors.Trainings;

namespace SoupsActors.Dashboard.Tests.Training;

[Collection(BrowserCollection.Name)]
public sealed class TrainingPageTests(BrowserFixture browser)
{
    private IGrainFactory Grains => browser.Server.Services.GetRequiredService<IGrainFactory>();

    [Fact]
    public async Task a_training_is_started_in_the_page_and_watched_to_its_end()
    {
        await using var window = await browser.OpenAsync();
        await GiveFeedbackAsync("P2B");
        await window.GoAsync("/training");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Start a training" }).ClickAsync();
        await window.Page.GetByLabel("Preference").SelectOptionAsync("P2B");
        await window.Page.GetByText("More settings").ClickAsync();
        await FillAsync(window, "steps", "2");
        await FillAsync(window, "reward_steps", "4");
        await FillAsync(window, "batch", "4");
        await FillAsync(window, "max_tokens", "6");
        await FillAsync(window, "minimum_comparisons", "4");
        await FillAsync(window, "evaluation_prompts", "8");
        await FillAsync(window, "kl_bound", "1000");
        await FillAsync(window, "win_rate_above", "0");
        await FillAsync(window, "rank", "2");
        await window.Page.Locator("select[name=judge]").SelectOptionAsync("Reward");
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("training-start-wide");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Start the training" }).ClickAsync();

        var detail = window.Page.Locator("#detail");
        await detail.Locator(".badge").GetByText("Published").WaitForAsync(new() { Timeout = 60_000 });
        Assert.Contains("preference=P2B", window.Page.Url, StringComparison.Ordinal);
        var ended = (await Grains.GetGrain<ITrainerGrain>("P2B").Describe())!;
        Assert.Equal((TrainingPhase.Published, 2, 8L), (ended.Phase, ended.Policy!.Steps, Judged(ended)));
        Assert.Equal((6, 2), (ended.Request.MaxTokens, ended.Request.Rank));
        Assert.Contains(
            $"{ended.Evaluation!.Wins} / {ended.Evaluation.Ties} / {ended.Evaluation.Losses}",
            await detail.InnerTextAsync(), StringComparison.Ordinal);
        await detail.GetByText("Divergence from the base, per token").WaitForAsync();
        await window.Page.WaitForFunctionAsync(
            """
            [...document.querySelectorAll('#detail path.line')]
                .filter(p => (p.getAttribute('d') ?? '').includes('L')).length >= 8
            """);

        await detail.GetByRole(AriaRole.Button, new() { Name = "Answer before and after" }).ClickAsync();
        await detail.Locator("article.sample").Nth(2).WaitForAsync(new() { Timeout = 60_000 });
        await window.ShouldFitAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("training-published-wide");
        window.ShouldBeQuiet();

        await using var narrow = await browser.OpenAsync(WindowKind.Narrow | WindowKind.Dark);
        await narrow.GoAsync("/training?preference=P2B");
        await narrow.Page.Locator("#detail .badge").GetByText("Published").WaitForAsync();
        await narrow.ShouldFitAsync();
        await narrow.ShouldBeAccessibleAsync();
        await narrow.ScreenshotAsync("training-published-narrow-dark");
        narrow.ShouldBeQuiet();
    }

    [Fact]
    public async Task a_training_that_is_refused_says_why_at_its_field()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync("/training?preference=P3D");
        await Click(window.Page.Locator("#detail"), "Start a training");
        Assert.Equal("P3D", await window.Page.GetByLabel("Preference").InputValueAsync());
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Start the training" }).ClickAsync();
        await window.Page.GetByText("The training was not started").WaitForAsync();
        var field = window.Page.Locator("input[name=minimum_comparisons]");
        Assert.Equal("true", await field.GetAttributeAsync("aria-invalid"));
        await window.Page.GetByText("More settings").ClickAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("training-refused-wide");
        Assert.Null(await Grains.GetGrain<ITrainerGrain>("P3D").Describe());
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task a_training_is_paused_resumed_and_after_a_question_cancelled()
    {
        await using var window = await browser.OpenAsync();
        await GiveFeedbackAsync("P3B");
        var trainer = Grains.GetGrain<ITrainerGrain>("P3B");
        await trainer.Start(
            new TrainingRequest
            {
                RewardSteps = 50_000,
                Batch = 4,
                MaxTokens = 6,
                MinimumComparisons = 4,
                Judge = TrainingJudge.Reward,
                Rank = 2,
            },
            "long");
        await window.GoAsync("/training?preference=P3B");
        var detail = window.Page.Locator("#detail");
        await detail.GetByText("of 50").First.WaitForAsync();
        await window.ScreenshotAsync("training-running-wide");
        await Click(detail, "Pause");
        await detail.GetByText("Paused").First.WaitForAsync();
        Assert.Equal(TrainingActivity.Paused, (await trainer.Describe())!.Activity);
        await Click(detail, "Resume");
        await detail.GetByRole(AriaRole.Button, new() { Name = "Pause" }).WaitForAsync();

        var dialog = window.Page.GetByRole(AriaRole.Dialog);
        await Click(detail, "Cancel …");
        await dialog.GetByText("Its work so far is lost").WaitForAsync();
        await window.ScreenshotAsync("training-cancel-wide");
        await Click(dialog, "Go on training");
        await dialog.WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        Assert.False((await trainer.Describe())!.IsOver);
        await Click(detail, "Cancel …");
        await Click(dialog, "Cancel the training");
        await detail.GetByText("Cancelled while").WaitForAsync();
        Assert.Equal(TrainingPhase.Cancelled, (await trainer.Describe())!.Phase);
        await detail.GetByRole(AriaRole.Button, new() { Name = "Start a training" }).WaitForAsync();
        window.ShouldBeQuiet();
    }

    private static Task Click(ILocator place, string name) =>
        place.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();

    private static async Task FillAsync(DashboardPage window, string name, string value)
    {
        var field = window.Page.Locator($"input[name={name}]");
        await field.FillAsync(value);
        await field.BlurAsync();
    }

    private static long Judged(TrainingStatus training) =>
        training.Evaluation is { } found ? found.Wins + found.Ties + found.Losses : 0;

    private Task GiveFeedbackAsync(string preference) => Grains.GetGrain<IFeedbackGrain>("cook").Append(
    [
        .. Enumerable.Range(0, 16).Select(i => new PairFeedback(
            FeedbackAnswer.Of($"The soup {i} is good."), FeedbackAnswer.Of($"Salt {i}, onions and carrots."))
        {
            User = "cook",
            OperationId = $"{preference}-{i}",
            Preference = preference,
            Prompt = [new ChatMessage("user", $"Who made soup {i}?")],
        }),
    ]);
}
