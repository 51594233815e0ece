using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using SoupsActors.Dashboard.Data.Users;
using SoupsActors.Dashboard.Pages.Users;
using SoupsActors.Dashboard.Tests.Axe;
using SoupsActors.Dashboard.Tests.Browsing;

namespace SoupsActors.Dashboard.Tests.Users;

[Collection(BrowserCollection.Name)]
public sealed class UserPageTests(BrowserFixture browser)
{
    public static TheoryData<string> HostileIds =>
    [
        "\"><script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\">",
        "O'Hara; DROP TABLE grain_state; --",
        "مستخدم ١٢٣ (עברית)",
        "a/b?c=d&e#f%2F..",
        new string('w', SoupsLimits.MaxUserIdLength),
    ];

    private HttpClient Http => browser.Server.Http;

    [Fact]
    public async Task a_slider_moved_and_saved_is_the_users_mix()
    {
        var user = await CreateAsync(new { P1A = 0.5, P3A = 0.8 });
        await using var window = await browser.OpenAsync();
        await window.GoAsync(UserLinks.Profile(user));
        var slider = window.Page.GetByLabel("informativeness: concise to full");
        await slider.FillAsync("1.2");
        await window.Page.GetByText("once saved").WaitForAsync();
        await slider.PressAsync("ArrowLeft");
        await window.Page.GetByText("full 1.1").First.WaitForAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await window.Page.Locator(".toast", new() { HasTextString = "Saved." }).WaitForAsync();
        var profile = await Http.GetFromJsonAsync<JsonNode>($"/v1/users/{user}/profile");
        var mix = profile!["profile"]!["mix"]!;
        Assert.Equal((0.5, 1.1, 0.8), ((double)mix["P1A"]!, (double)mix["P2B"]!, (double)mix["P3A"]!));
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task a_double_click_saves_once()
    {
        var user = await CreateAsync(new { P1A = 0.5 });
        await using var window = await browser.OpenAsync();
        await window.GoAsync(UserLinks.Profile(user));
        await window.Page.EvaluateAsync(
            """
            () => {
                window.failures = 0;
                const place = document.querySelector('.toast-place');
                new MutationObserver(() => window.failures += place.querySelectorAll('.failed').length)
                    .observe(place, { subtree: true, childList: true, attributes: true });
            }
            """);
        await SaveAsync("1", "button => { button.click(); button.click(); }");

        // A second click of the first save would have ended by the time that another one is done.
        await SaveAsync("0.8", "button => button.click()");
        Assert.Equal(0, await window.Page.EvaluateAsync<int>("window.failures"));
        window.ShouldBeQuiet();

        async Task SaveAsync(string weight, string click)
        {
            await window.Page.GetByLabel("expertise: child to PhD").FillAsync(weight);
            await window.Page.GetByText("once saved").WaitForAsync();
            await window.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).EvaluateAsync(click);
            await window.Page.Locator(".mix-line", new() { HasTextString = $"PhD {weight}." }).WaitForAsync();
        }
    }

    [Fact]
    public async Task the_id_that_stands_in_the_field_is_opened_and_none_unasked()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync("/users");
        var open = window.Page.GetByRole(AriaRole.Button, new() { Name = "Open this id" });
        await Assertions.Expect(open).ToBeDisabledAsync();
        await window.Page.GetByLabel("Id begins with").FillAsync("first/id");
        await Assertions.Expect(open).ToBeEnabledAsync();
        await open.EvaluateAsync(
            """
            button => {
                const field = button.form.querySelector('input');
                field.value = 'second & id';
                field.dispatchEvent(new Event('input', { bubbles: true }));
                field.dispatchEvent(new Event('change', { bubbles: true }));
                button.click();
            }
            """);
        await window.Page.Locator("h1", new() { HasTextString = "User second & id" }).WaitForAsync();
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task a_long_history_is_shown_in_part_counted_whole_and_judged_by_its_overall_comparisons()
    {
        var user = "talker-" + Guid.NewGuid().ToString("N")[..8];
        const int thumbs = UserDossiers.MostFeedback + 40;
        var events = Enumerable.Range(0, 6 + thumbs).Select(i => i < 6
            ? (object)new { kind = "pair", user, prompt = $"Why {i}?", chosen = "Because.", rejected = $"Unknown {i}." }
            : new { kind = "reaction", user, prompt = $"Why {i}?", answer = "Because.", reaction = "up" });
        foreach (var feedback in events)
            (await Http.PostAsJsonAsync("/v1/feedback", feedback)).EnsureSuccessStatusCode();
        await using var window = await browser.OpenAsync(WindowKind.Narrow);
        await window.GoAsync(UserLinks.Profile(user));
        await window.Page.GetByText($"{6 + thumbs} feedback events").WaitForAsync();
        await window.Page.GetByText("In the newest 6 comparisons").WaitForAsync();
        await window.Page.GetByText($"10 of {6 + thumbs}").WaitForAsync();
        await window.ShouldFitAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("user-long-history-narrow");
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task a_profile_that_changed_meanwhile_is_not_overwritten()
    {
        var user = await CreateAsync(new { P1A = 0.5 });
        await using var window = await browser.OpenAsync();
        await window.GoAsync(UserLinks.Profile(user));
        await window.Page.GetByLabel("expertise: child to PhD").FillAsync("1");
        await window.Page.GetByText("once saved").WaitForAsync();
        await PutAsync(user, new { P3B = 1.0 });
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await window.Page.Locator(".toast.failed", new() { HasTextString = "Somebody else" }).WaitForAsync();
        await window.Page.GetByText("unfriendly 1").First.WaitForAsync();
        var profile = await Http.GetFromJsonAsync<JsonNode>($"/v1/users/{user}/profile");
        Assert.Equal(["P3B"], profile!["profile"]!["mix"]!.AsObject().Select(m => m.Key));
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task forgetting_asks_and_then_leaves_nothing()
    {
        var user = await CreateAsync(new { P1A = 0.5 });
        var messages = new[] { new { role = "user", content = "Why is the sky blue?" } };
        await Http.PostAsJsonAsync("/v1/chat/completions", new { model = "soup", user, max_tokens = 8, messages });
        await using var window = await browser.OpenAsync();
        await window.GoAsync(UserLinks.Profile(user));
        await window.Page.GetByText("1 kept answer").WaitForAsync();
        var forget = window.Page.GetByRole(AriaRole.Button, new() { Name = "Forget this user" });
        await forget.ClickAsync();
        var dialog = window.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByText("This cannot be undone").WaitForAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("forget-wide");
        await window.Page.Keyboard.PressAsync("Escape");
        await dialog.WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        Assert.NotEqual("0", await TagAsync(user));

        await forget.ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Forget" }).ClickAsync();
        await window.Page.GetByText("Nothing is stored about this user").WaitForAsync();
        Assert.Equal("0", await TagAsync(user));
        var listed = await Http.GetFromJsonAsync<JsonNode>("/v1/users?prefix=" + user);
        Assert.Empty(listed!["data"]!.AsArray());
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task the_export_is_everything_about_this_user()
    {
        var user = await CreateAsync(new { P1A = 0.5 });
        await using var window = await browser.OpenAsync();
        await window.GoAsync(UserLinks.Profile(user));
        var download = await window.Page.RunAndWaitForDownloadAsync(
            () => window.Page.GetByRole(AriaRole.Link, new() { Name = "Export as JSON" }).ClickAsync());
        Assert.Equal(user + ".json", download.SuggestedFilename);
        await using var stream = await download.CreateReadStreamAsync();
        Assert.Equal(user, (string?)(await JsonNode.ParseAsync(stream))!["user"]);
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task comparisons_explain_the_mix_and_suggest_another()
    {
        const string shortAnswer = "Sunlight is scattered by the air, and blue light is scattered most.";
        var user = await CreateAsync(new { P2B = 1.0 });
        for (var i = 0; i < 6; i++)
        {
            var longer = string.Join(' ', (string[])[
                shortAnswer, "Molecules of nitrogen and oxygen are far smaller than the wavelength of visible light.",
                "Scattering grows with the fourth power of frequency.",
                "The eye sees violet badly, and ozone absorbs some of it.",
                $"At sunset the path through the air is about {30 + i} times longer, so red remains."]);
            var prompt = $"Why is the sky blue, {i}?";
            var pair = new { kind = "pair", user, prompt, chosen = shortAnswer, rejected = longer };
            var response = await Http.PostAsJsonAsync("/v1/feedback", pair);
            response.EnsureSuccessStatusCode();
        }

        await using var window = await browser.OpenAsync();
        await window.GoAsync(UserLinks.Profile(user));
        await window.Page.GetByText("In the newest 6 comparisons").WaitForAsync();
        await window.Page.GetByText("Preferred “Sunlight").First.WaitForAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("user-wide");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Move the sliders there" }).ClickAsync();
        await window.Page.Locator(".mix-line", new() { HasTextString = "concise 1" }).WaitForAsync();
        window.ShouldBeQuiet();
    }

    [Theory]
    [MemberData(nameof(HostileIds))]
    public async Task any_id_is_shown_as_text_found_opened_and_saved(string user)
    {
        await PutAsync(user, new { P1A = 0.5 });
        await using var window = await browser.OpenAsync(WindowKind.Narrow);
        await window.GoAsync(UserLinks.List(user, null));
        var link = window.Page.Locator(".users-table a");
        await link.WaitForAsync();
        Assert.Equal(user, (await link.InnerTextAsync()).Trim());
        await window.ShouldFitAsync();
        await link.ClickAsync();
        var main = window.Page.Locator("main", new() { HasTextString = user });
        await main.Locator("h1", new() { HasTextString = "User " }).WaitForAsync();
        await window.Page.GetByLabel("expertise: child to PhD").FillAsync("1");
        await window.Page.GetByText("once saved").WaitForAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await window.Page.Locator(".toast", new() { HasTextString = "Saved." }).WaitForAsync();
        await window.ShouldFitAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("user-hostile-" + user.Length);
        Assert.DoesNotContain("hacked", (await window.Page.TitleAsync())[..6], StringComparison.Ordinal);
        var profile = await Http.GetFromJsonAsync<JsonNode>($"/v1/users/{Uri.EscapeDataString(user)}/profile");
        Assert.Equal(1, (double)profile!["profile"]!["mix"]!["P1B"]!);
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task a_user_nobody_knows_is_told_so_in_the_dark_too()
    {
        await using var window = await browser.OpenAsync(WindowKind.Dark);
        await window.GoAsync(UserLinks.Profile("nobody-" + Guid.NewGuid()));
        await window.Page.GetByText("Nothing is stored about this user").WaitForAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("user-unknown-dark");
        await window.GoAsync("/users/profile");
        await window.Page.GetByText("The user id is empty").WaitForAsync();
        window.ShouldBeQuiet();
    }

    private async Task<string> CreateAsync(object mix)
    {
        var user = "user-" + Guid.NewGuid().ToString("N")[..8];
        await PutAsync(user, mix);
        return user;
    }

    private async Task PutAsync(string user, object mix)
    {
        var json = System.Text.Json.JsonSerializer.Serialize(new { mix });
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        (await Http.PutAsync($"/v1/users/{Uri.EscapeDataString(user)}/profile", content)).EnsureSuccessStatusCode();
    }

    private async Task<string?> TagAsync(string user) =>
        (string?)(await Http.GetFromJsonAsync<JsonNode>($"/v1/users/{user}/profile"))!["etag"];
}
