using SoupsActors.Miniature.Corpus;

namespace SoupsActors.Miniature.Tests;

public sealed class PreferencesTests
{
    [Fact]
    public void There_are_eight_preferences_with_their_own_texts()
    {
        Assert.Equal(["P1A", "P1B", "P2A", "P2B", "P3A", "P3B", "P3C", "P3D"], Preferences.All.Select(p => p.Id));
        Assert.Equal(8, Preferences.All.Select(p => p.Prompt).Distinct().Count());
        const string start = "Choose a response that ";
        Assert.All(Preferences.All, p => Assert.StartsWith(start, p.JudgeText, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("P1A", "Generate a response that can be easily understood by an elementary school student.")]
    [InlineData("P1B", "Generate a response that only a PhD Student in that specific field could understand.")]
    [InlineData("P2A", "Generate a response that is concise and to the point, without being verbose.")]
    [InlineData("P2B", "Generate a response that is very informative, without missing any background information.")]
    [InlineData("P3A", "Generate a response that is friendly, witty, funny, and humorous, like a close friend.")]
    [InlineData("P3B", "Generate a response in an unfriendly manner.")]
    [InlineData("P3C", "Generate a response in a sassy manner.")]
    [InlineData("P3D", "Generate a response in a sarcastic manner.")]
    public void Prompts_are_the_papers_policy_prompts_word_for_word(string id, string prompt)
    {
        Assert.Equal(prompt, Preferences.Get(id).Prompt);
    }

    [Fact]
    public void Combinations_hold_one_pole_of_each_dimension()
    {
        Assert.Equal(8, Preferences.Combinations.Length);
        Assert.Equal(16, Preferences.AllCombinations.Length);
        var dimensions = Enum.GetValues<PreferenceDimension>();
        Assert.All(Preferences.AllCombinations, c => Assert.Equal(dimensions, c.Select(p => p.Dimension)));
        Assert.Equal(16, Preferences.AllCombinations.Select(c => Style.Of(c)).Distinct().Count());
        Assert.DoesNotContain(Preferences.Combinations, c => c[2].Id is "P3C" or "P3D");
    }

    [Fact]
    public void A_style_and_its_preferences_name_each_other()
    {
        Assert.All(Preferences.AllCombinations, c => Assert.Equal(c, Style.Of(c).Preferences()));
        Assert.Equal(new Style(Tone: Tone.Sarcastic), Style.Of("P3D"));
        Assert.Empty(Style.Any.Preferences());
    }

    [Fact]
    public void Unknown_ids_and_two_poles_of_one_dimension_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Preferences.Get("P9"));
        Assert.Contains("P1A, P1B", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Style.Of("P1A", "P1B"));
    }
}
