using SoupsActors.Dashboard.Pages.Experiments;

namespace SoupsActors.Dashboard.Tests.Experiments;

public sealed class MarkLabelsTests
{
    [Fact]
    public void words_of_points_that_lie_together_do_not_overlap()
    {
        var labels = new MarkLabels(0, 400, 0, 300);
        (double X, double Y)[] points = [(100, 100), (101, 101), (103, 99), (100, 104)];
        foreach (var (x, y) in points)
            labels.Avoid(x, y);
        var places = points.Select((p, i) => labels.Place(p.X, p.Y, $"{i + 1}")).ToArray();
        for (var i = 0; i < places.Length; i++)
        {
            Assert.All(places[..i], other => Assert.True(
                Math.Abs(other.X - places[i].X) >= 6 || Math.Abs(other.Y - places[i].Y) >= 11, $"{other} {places[i]}"));
            Assert.All(points, p => Assert.False(
                p.X > places[i].X && p.X < places[i].X + 6 && p.Y < places[i].Y && p.Y > places[i].Y - 9));
        }
    }

    [Fact]
    public void a_word_stays_within_the_drawing()
    {
        var labels = new MarkLabels(0, 400, 0, 300);
        Assert.Equal((107, 94), labels.Place(100, 100, "a"));
        Assert.True(labels.Place(398, 100, "long word").X + 9 * 6 <= 400);
        Assert.True(labels.Place(100, 2, "b").Y > 2);
    }
}
