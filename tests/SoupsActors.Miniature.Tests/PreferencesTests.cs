using SoupsActors.Miniature.Corpus;

namespace SoupsActors.Miniature.Tests;

public sealed class PreferencesTests
{
    [Fact]
    public void There_are_eight_preferences_with_their_own_texts()
    {
        Assert.Equal(["P1A", "P1B", "P2A", "P2B", "P3A", "P3B", "P3C", "P3D"], Preferences.All.Select(p => p.Id));
        Assert.Equal(8, Preferences.All.Select(p => p.Prompt).Distinct().Count());
        Assert.All(Preferences.All, p => Assert.StartsWith("Choose a response that ", p.JudgeText, StringComparison.Ordinal));
    }

    [Fact]
    public void Combinations_hold_one_pole_of_each_dimension()
    {
        Assert.Equal(8, Preferences.Combinations.Length);
        Assert.Equal(16, Preferences.AllCombinations.Length);
        Assert.All(Preferences.AllCombinations, c => Assert.Equal(Enum.GetValues<PreferenceDimension>(), c.Select(p => p.Dimension)));
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
        Assert.Contains("P1A, P1B", Assert.Throws<ArgumentException>(() => Preferences.Get("P9")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Style.Of("P1A", "P1B"));
    }
}
