using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Serving.Text;

namespace SoupsActors.Serving.Tests.Text;

public sealed class StopMatcherTests
{
    [Theory]
    [InlineData("hello STOP world", "hello ")]
    [InlineData("STOP", "")]
    [InlineData("STO", "STO")]
    [InlineData("SSTOP", "S")]
    [InlineData("STSTOP!", "ST")]
    public void Text_before_the_stop_is_delivered_and_the_stop_is_not(string text, string expected)
    {
        var matcher = new StopMatcher(["STOP"]);
        var released = new CharBuffer();
        foreach (var c in text)
        {
            if (matcher.Append([c], released))
                break;
        }

        matcher.Flush(released);
        Assert.Equal(expected, released.ToString());
    }

    [Fact]
    public void Held_back_text_is_released_as_soon_as_the_match_fails()
    {
        var matcher = new StopMatcher(["abcd"]);
        var released = new CharBuffer();
        matcher.Append("xabc", released);
        Assert.Equal("x", released.ToString());
        matcher.Append("e", released);
        Assert.Equal("xabce", released.ToString());
    }

    [Fact]
    public void The_match_that_ends_first_wins_and_of_those_the_longest()
    {
        var released = new CharBuffer();
        Assert.True(new StopMatcher(["abcd", "bc", "c"]).Append("xabcd", released));
        Assert.Equal("xa", released.ToString());
    }

    [Fact]
    public void Random_texts_cut_anywhere_agree_with_a_search_of_the_whole_text() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            string[] stops = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Letters(random, random.Next(1, 5)))];
            var text = Letters(random, random.Next(40));
            var matcher = new StopMatcher(stops);
            var released = new CharBuffer();
            var stopped = false;
            for (var at = 0; at < text.Length && !stopped;)
            {
                var length = Math.Min(random.Next(4), text.Length - at);
                stopped = matcher.Append(text.AsSpan(at, length), released);
                at += length;
                if (!stopped)
                    Assert.StartsWith(released.ToString(), text[..at]);
            }

            if (!stopped)
                matcher.Flush(released);
            Assert.Equal(Search(text, stops), (released.ToString(), stopped));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static (string Before, bool Stopped) Search(string text, string[] stops)
    {
        for (var end = 1; end <= text.Length; end++)
        {
            var match = stops.Where(s => text[..end].EndsWith(s, StringComparison.Ordinal)).MaxBy(s => s.Length);
            if (match is not null)
                return (text[..(end - match.Length)], true);
        }

        return (text, false);
    }

    private static string Letters(Random random, int count) => new(random.GetItems<char>("ab", count));
}
