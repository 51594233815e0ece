using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using SoupsActors.Dashboard.Tests.Axe;
using SoupsActors.Dashboard.Tests.Browsing;

namespace SoupsActors.Dashboard.Tests.Playground;

[Collection(BrowserCollection.Name)]
public sealed class PlaygroundPageTests(BrowserFixture browser)
{
    private const string Question = "prompt=Why%20is%20the%20sky%20blue%3F";

    [Fact]
    public async Task four_columns_answer_at_once_with_their_scores_and_their_texts_only_grow()
    {
        using var stored = await browser.Server.Http.PutAsJsonAsync(
            "/v1/users/play-user/profile", new { mix = new Dictionary<string, double> { ["P2B"] = 1 } });
        await using var window = await browser.OpenAsync();
        await window.GoAsync(
            $"/playground?{Question}&column=base&column=user:play-user&column=mix:P1A%3D1&column=expert:P3A");
        await window.Page.GetByText("full 1").WaitForAsync();
        await window.Page.EvaluateAsync(
            """
            () => {
                window.steps = {};
                const look = () => document.querySelectorAll('.answer-text').forEach((answer, i) => {
                    const steps = window.steps[i] ??= [''], text = answer.textContent.replace('▍', '');
                    if (steps.at(-1) !== text) steps.push(text);
                });
                new MutationObserver(look)
                    .observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true });
            }
            """);
        await AskAsync(window, 4);

        // A busy browser draws several pieces at once, so how many steps there are says nothing.
        var steps = await window.Page.EvaluateAsync<string[][]>("() => Object.values(window.steps)");
        Assert.Equal(4, steps.Length);
        Assert.All(steps, texts => Assert.All(
            texts.Zip(texts.Skip(1)), step => Assert.StartsWith(step.First, step.Second, StringComparison.Ordinal)));
        Assert.All(steps, texts => Assert.NotEmpty(texts[^1]));
        Assert.Equal(4 * 8, await window.Page.Locator(".criteria .badge").CountAsync());
        var third = window.Page.Locator(".play-column").Nth(2);
        await third.Locator(".badge.good", new() { HasTextString = "child" }).WaitForAsync();
        await window.ShouldFitAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("playground-answers-wide");

        // Trying a user's mix leaves nothing among the user's answers.
        var export = await browser.Server.Http.GetFromJsonAsync<JsonNode>("/v1/users/play-user/export");
        Assert.Empty(export!["interactions"]!.AsArray());
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task moving_a_slider_from_concise_to_full_changes_the_next_answer()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync($"/playground?{Question}&column=mix:");
        var slider = window.Page.GetByLabel("informativeness: concise to full");
        await slider.FillAsync("-1");
        await AskAsync(window, 1);
        var concise = await WordsAsync(window);
        await window.Page.Locator(".badge.good", new() { HasTextString = "concise" }).WaitForAsync();
        await slider.FillAsync("1");
        await AskAsync(window, 1);
        await window.Page.Locator(".badge.good", new() { HasTextString = "full" }).WaitForAsync();
        var full = await WordsAsync(window);
        Assert.True(full >= 2 * concise, $"{concise} words became {full}.");
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task better_and_worse_arrive_as_feedback_about_these_answers()
    {
        var rater = "rater-" + Guid.NewGuid().ToString("N")[..8];
        await using var window = await browser.OpenAsync();
        await window.GoAsync($"/playground?{Question}&column=base&column=mix:P3B%3D1&column=mix:P2B%3D1");
        await window.Page.GetByLabel("Feedback counts as").FillAsync(rater);
        await AskAsync(window, 3);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Answer 2 is better" }).ClickAsync();
        await window.Page.Locator(".toast", new() { HasTextString = "Stored 2 comparisons" }).WaitForAsync();
        await window.Page.GetByLabel("Judged by").SelectOptionAsync("P2B");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Answer 2 is worse" }).ClickAsync();
        await window.Page.Locator(".toast", new() { HasTextString = "Stored 2 comparisons" }).WaitForAsync();

        var lines = await browser.Server.Http.GetStringAsync("/v1/feedback?user=" + rater);
        var events = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!).ToArray();
        Assert.Equal(4, events.Length);
        var answer = events.Select(e => (e["event"] ?? e)["chosen"]!["interaction"]!.GetValue<string>()).First();
        Assert.StartsWith("answer-", answer, StringComparison.Ordinal);
        Assert.Equal(2, events.Count(e => (string?)(e["event"] ?? e)["chosen"]!["interaction"] == answer));
        Assert.Equal(2, events.Count(e => (string?)(e["event"] ?? e)["rejected"]!["interaction"] == answer));
        Assert.Equal(2, events.Count(e => (string?)(e["event"] ?? e)["preference"] == "P2B"));
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task a_double_click_gives_one_verdict()
    {
        var rater = "rater-" + Guid.NewGuid().ToString("N")[..8];
        await using var window = await browser.OpenAsync();
        await window.GoAsync($"/playground?{Question}&column=base");
        await window.Page.GetByLabel("Feedback counts as").FillAsync(rater);
        await AskAsync(window, 1);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Answer 1 is better" })
            .EvaluateAsync("button => { button.click(); button.click(); }");
        await window.Page.Locator(".toast", new() { HasTextString = "Stored 1 reaction" }).WaitForAsync();
        await window.Page.GetByLabel("Judged by").SelectOptionAsync("P2B");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Answer 1 is worse" }).ClickAsync();
        await window.Page.Locator("button[aria-pressed=true][aria-label='Answer 1 is worse']").WaitForAsync();
        var lines = await browser.Server.Http.GetStringAsync("/v1/feedback?user=" + rater);
        Assert.Equal(2, lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task of_two_equal_answers_neither_is_better()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync($"/playground?{Question}&column=base&column=base");
        await AskAsync(window, 2);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Answer 1 is better" }).ClickAsync();
        await window.Page.Locator(".toast.failed", new() { HasTextString = "the same text" }).WaitForAsync();
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task a_link_opens_the_same_setting()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync("/playground");
        await window.Page.GetByLabel("Question").FillAsync("What is a <volcano> & why?");
        await window.Page.GetByLabel("expertise: child to PhD").FillAsync("0.8");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Add a column" }).ClickAsync();
        var third = window.Page.GetByRole(AriaRole.Combobox, new() { Name = "Column 3", Exact = true });
        await third.SelectOptionAsync("Expert");
        await window.Page.GetByLabel("Expert of column 3").SelectOptionAsync("P3D");
        await window.Page.Locator("a[href*='expert%3AP3D']").WaitForAsync();
        var anchor = window.Page.GetByRole(AriaRole.Link, new() { Name = "Link to this setting" });
        var link = await anchor.GetAttributeAsync("href");

        await using var other = await browser.OpenAsync(WindowKind.Narrow);
        await other.GoAsync(link!);
        Assert.Equal("What is a <volcano> & why?", await other.Page.GetByLabel("Question").InputValueAsync());
        Assert.Equal("0.8", await other.Page.GetByLabel("expertise: child to PhD").First.InputValueAsync());
        Assert.Equal("P3D", await other.Page.GetByLabel("Expert of column 3").InputValueAsync());
        await other.ShouldFitAsync();
        await other.ShouldBeAccessibleAsync();
        other.ShouldBeQuiet();
        window.ShouldBeQuiet();
    }

    [Theory]
    [InlineData(WindowKind.Narrow)]
    [InlineData(WindowKind.Dark)]
    public async Task a_prompt_full_of_html_stays_text(WindowKind kind)
    {
        const string prompt = "</textarea><script>document.title='hacked'</script>"
            + "<img src=x onerror=\"document.title='hacked'\"> لماذا؟";
        await using var window = await browser.OpenAsync(kind);
        await window.GoAsync($"/playground?prompt={Uri.EscapeDataString(prompt)}&column=base&column=mix:P3B%3D1");
        Assert.Equal(prompt, await window.Page.GetByLabel("Question").InputValueAsync());
        await AskAsync(window, 2);
        Assert.Equal("Playground · SoupsActors", await window.Page.TitleAsync());
        Assert.Equal(0, await window.Page.Locator("main img").CountAsync());
        await window.ShouldFitAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync($"playground-answers-{kind.ToString().ToLowerInvariant()}");
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task an_answer_that_cannot_be_given_says_why_and_leaves_the_others()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync($"/playground?{Question}&column=base&column=expert:not-there&column=user:");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Ask" }).ClickAsync();
        await window.Page.GetByText("There is no expert 'not-there'").WaitForAsync();
        await window.Page.GetByText("The user id is empty").WaitForAsync();
        await window.Page.Locator(".word-count").WaitForAsync();
        window.ShouldBeQuiet();
    }

    private static async Task AskAsync(DashboardPage window, int answers)
    {
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Ask", Exact = true }).ClickAsync();
        var counts = window.Page.Locator(".word-count");
        await Assertions.Expect(counts).ToHaveCountAsync(answers, new() { Timeout = 20_000 });
    }

    private static async Task<int> WordsAsync(DashboardPage window) =>
        int.Parse(await window.Page.Locator(".word-count").InnerTextAsync(), CultureInfo.InvariantCulture);
}
