using SoupsActors.Dashboard.Data.Mixes;
using SoupsActors.Dashboard.Data.Playground;

namespace SoupsActors.Dashboard.Tests.Playground;

public sealed class SettingTests
{
    [Fact]
    public void a_link_carries_the_whole_setting()
    {
        var setting = new PlaygroundSetting
        {
            Prompt = "<b>Why?</b> & \"how\" + 100 % — مرحبا\n2",
            Temperature = 0.7,
            Seed = -3,
            MaxTokens = 12,
            Columns =
            [
                new PlaygroundColumn(ColumnKind.Base),
                new PlaygroundColumn(ColumnKind.User) { Name = "O'Hara: a/b?&=%2F" },
                new PlaygroundColumn(ColumnKind.Mix) { Mix = MixText.Parse("P1A=0.5,P3B=-1") },
                new PlaygroundColumn(ColumnKind.Expert) { Name = "P2A" },
            ],
        };
        var read = PlaygroundSetting.Parse(setting.ToQuery());
        Assert.Equal(
            (setting.Prompt, setting.Temperature, setting.Seed, setting.MaxTokens),
            (read.Prompt, read.Temperature, read.Seed, read.MaxTokens));
        Assert.Equal(setting.Columns.Select(c => c.ToText()), read.Columns.Select(c => c.ToText()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?temperature=9&seed=x&tokens=0&column=nobody:x")]
    [InlineData("?temperature=NaN&tokens=1e9&column=expert:../etc")]
    public void a_mangled_link_opens_at_the_defaults(string query)
    {
        var (read, standard) = (PlaygroundSetting.Parse(query), new PlaygroundSetting());
        Assert.Equal(
            (standard.Temperature, standard.Seed, standard.MaxTokens), (read.Temperature, read.Seed, read.MaxTokens));
        Assert.Equal(standard.Columns.Select(c => c.ToText()), read.Columns.Select(c => c.ToText()));
    }

    [Fact]
    public void a_link_opens_four_columns_and_a_bounded_prompt_at_most()
    {
        var read = PlaygroundSetting.Parse(
            "?prompt=" + new string('x', 9000) + string.Concat(Enumerable.Repeat("&column=base", 9)));
        Assert.Equal((4, PlaygroundSetting.MaxPrompt), (read.Columns.Count, read.Prompt.Length));
    }
}
