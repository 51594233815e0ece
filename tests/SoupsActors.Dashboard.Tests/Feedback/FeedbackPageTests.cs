using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Orleans;
using SoupsActors.Dashboard.Tests.Axe;
using SoupsActors.Dashboard.Tests.Browsing;
using SoupsActors.Feedback;
using SoupsActors.Generation;

namespace SoupsActors.Dashboard.Tests.Feedback;

[Collection(BrowserCollection.Name)]
public sealed class FeedbackPageTests(BrowserFixture browser)
{
    private const string Hostile =
        "<img src=x onerror=\"document.title='broken'\"> \u202Eright to left\u202C \"quoted\"";

    private IGrainFactory Grains => browser.Server.Services.GetRequiredService<IGrainFactory>();

    [Fact]
    public async Task feedback_appears_live_newest_first_and_as_the_text_it_is()
    {
        await using var window = await browser.OpenAsync();
        await AppendAsync("stream 1", "First words");
        await window.GoAsync("/feedback");
        await window.Page.Locator(".stream").GetByText("Better: “First words”").WaitForAsync();
        var user = "o'Neil \"<b>bold</b>\"";
        await AppendAsync(user, Hostile);
        var newest = window.Page.Locator(".stream tbody tr").First;
        await newest.GetByText(user).WaitForAsync();
        Assert.Contains("<img src=x", await newest.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await window.Page.Locator("main img").CountAsync());

        await newest.GetByRole(AriaRole.Button).ClickAsync();
        await window.Page.GetByText("As it is stored").WaitForAsync();
        await window.ShouldFitAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("feedback-stream-wide");

        await window.Page.GetByLabel("User").FillAsync("stream 1");
        await window.Page.GetByText("1 of 1 that fit").WaitForAsync();
        await window.Page.GetByLabel("Kind").SelectOptionAsync("rating");
        await window.Page.GetByText("Nothing fits").WaitForAsync();
        Assert.Equal("Feedback · SoupsActors", await window.Page.TitleAsync());
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task a_labelled_comparison_arrives_in_the_feedback_log()
    {
        await using var window = await browser.OpenAsync();
        var desk = await BeginAsync(window, "ann", "P2A");
        var left = await desk.Locator(".answer .text").First.InnerTextAsync();
        var right = await desk.Locator(".answer .text").Nth(1).InnerTextAsync();
        await window.ShouldFitAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("compare-wide");

        await window.Page.Keyboard.PressAsync("2");
        await window.Page.GetByText("1 labelled").WaitForAsync();
        var stored = Assert.Single(await Grains.GetGrain<IFeedbackGrain>("ann").List());
        var pair = Assert.IsType<PairFeedback>(stored.Event);
        Assert.Equal(("P2A", "ann"), (pair.Preference, pair.User));
        Assert.Equal([right, left], stored.Texts().Answers.Select(t => t!.Trim()));
        Assert.All(
            [pair.Chosen, pair.Rejected],
            a => Assert.StartsWith("compare-", a.Interaction, StringComparison.Ordinal));
        var interaction = await Grains.GetGrain<IFeedbackLogGrain>(0).FindInteraction(pair.Chosen.Interaction!);
        Assert.Equal(stored.Texts().Answers[0], interaction!.Answer);

        await desk.Locator(".answer").First.WaitForAsync();
        await window.Page.WaitForFunctionAsync("document.activeElement.classList.contains('desk')");
        var skipped = await desk.InnerTextAsync();
        await window.Page.Keyboard.PressAsync("s");

        // A key that comes before the next pair is there belongs to none and is ignored.
        await window.Page.WaitForFunctionAsync(
            """
            skipped => {
                const desk = document.querySelector('.desk');
                return desk.innerText !== skipped && desk.querySelector('.verdicts button')?.disabled === false;
            }
            """,
            skipped);
        await window.Page.Keyboard.PressAsync("t");
        await window.Page.GetByText("2 labelled").WaitForAsync();
        var events = await Grains.GetGrain<IFeedbackGrain>("ann").List();
        Assert.Equal(2, events.Length);
        Assert.Equal([1, 1], Assert.IsType<RankingFeedback>(events[1].Event).Ranks!);
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task two_raters_get_the_same_pairs_and_their_agreement_is_told()
    {
        await using var window = await browser.OpenAsync();
        string[] raters = ["first rater", "second rater"];
        var questions = new List<string>();
        foreach (var rater in raters)
        {
            var desk = await BeginAsync(window, rater, "P3A");
            questions.Add(await desk.Locator(".question").InnerTextAsync());
            var answers = await desk.Locator(".answer .text").AllInnerTextsAsync();
            await window.Page.Keyboard.PressAsync(answers[0].Length <= answers[1].Length ? "1" : "2");
            await window.Page.GetByText("1 labelled").WaitForAsync();
        }

        Assert.Equal(questions[0], questions[1]);
        await window.GoAsync("/feedback");
        var row = window.Page.GetByRole(AriaRole.Region, new() { Name = "Agreement between raters" })
            .Locator("tr", new() { HasText = "P3A" });
        await row.WaitForAsync();
        Assert.Contains("100%", await row.InnerTextAsync(), StringComparison.Ordinal);
        await window.ScreenshotAsync("feedback-agreement-wide");
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task own_questions_are_asked_and_hostile_ones_shown_safely_on_a_narrow_dark_screen()
    {
        await using var window = await browser.OpenAsync(WindowKind.Narrow | WindowKind.Dark);
        await window.GoAsync("/feedback/compare");
        await window.Page.GetByLabel("Your name").FillAsync("narrow");
        await window.Page.Locator("select[name=prompts]").SelectOptionAsync("Own");
        await window.Page.GetByLabel("Your questions, one a line").FillAsync(Hostile);
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("compare-setup-narrow-dark");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Begin" }).ClickAsync();
        await window.Page.Locator(".question").WaitForAsync(new() { Timeout = 60_000 });
        var question = await window.Page.Locator(".question").InnerTextAsync();
        Assert.Contains("<img src=x", question, StringComparison.Ordinal);
        await window.ShouldFitAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("compare-narrow-dark");

        await AppendAsync("narrow", "Something to see");
        await window.GoAsync("/feedback");
        await window.Page.Locator(".stream").WaitForAsync();
        await window.Page.Locator(".loading").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await window.ShouldFitAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("feedback-stream-narrow-dark");
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task the_export_is_downloaded_as_json_lines()
    {
        await using var window = await browser.OpenAsync();
        await AppendAsync("exported", "Words to export");
        await window.GoAsync("/feedback");
        var export = window.Page.GetByRole(AriaRole.Region, new() { Name = "Export" });
        await export.GetByLabel("Preference").SelectOptionAsync("P1B");
        var download = await window.Page.RunAndWaitForDownloadAsync(
            () => window.Page.GetByRole(AriaRole.Link, new() { Name = "Download" }).ClickAsync());
        Assert.Equal("feedback-events-P1B.jsonl", download.SuggestedFilename);
        using var reader = new StreamReader(await download.CreateReadStreamAsync());
        var lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, l => (string)JsonNode.Parse(l)!["event"]!["user"]! == "exported");
        Assert.All(lines, l => Assert.Equal("P1B", (string)JsonNode.Parse(l)!["event"]!["preference"]!));
    }

    private static async Task<ILocator> BeginAsync(DashboardPage window, string rater, string preference)
    {
        await window.GoAsync($"/feedback/compare?preference={preference}");
        await window.Page.GetByLabel("Your name").FillAsync(rater);
        Assert.Equal(preference, await window.Page.GetByLabel("Criterion").InputValueAsync());
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Begin" }).ClickAsync();
        var desk = window.Page.Locator(".desk");
        await desk.Locator(".answer").First.WaitForAsync(new() { Timeout = 60_000 });
        await window.Page.WaitForFunctionAsync(
            """
            document.activeElement.classList.contains('desk') && !document.querySelector('.verdicts button').disabled
            """);
        return desk;
    }

    private async Task AppendAsync(string user, string text)
    {
        var results = await Grains.GetGrain<IFeedbackGrain>(user).Append(
        [
            new PairFeedback(FeedbackAnswer.Of(text), FeedbackAnswer.Of("Other words"))
            {
                User = user,
                OperationId = Guid.NewGuid().ToString("N"),
                Preference = "P1B",
                Prompt = [new ChatMessage("user", "What is " + text)],
            },
        ]);
        Assert.All(results, r => Assert.Equal(FeedbackStatus.Accepted, r.Status));
    }
}
