namespace SoupsActors.Dashboard.Pages.Experiments;

/// <summary>Where the words beside points stand, so that they lie on no point and on no other word.</summary>
/// <param name="left">Left end of the drawing.</param>
/// <param name="right">Right end of the drawing.</param>
/// <param name="top">Top of the drawing.</param>
/// <param name="bottom">Bottom of the drawing.</param>
internal sealed class MarkLabels(double left, double right, double top, double bottom)
{
    private const double Letter = 6.6;
    private const double Height = 11;
    private const double Dot = 5;

    private readonly List<Box> taken = [];

    /// <summary>Keeps a point free of words.</summary>
    public void Avoid(double x, double y) => taken.Add(new Box(x - Dot, y - Dot, x + Dot, y + Dot));

    /// <summary>
    /// Finds a place for a point's word: the nearest around it that is free, or the usual one where none is.
    /// </summary>
    /// <returns>Left end and base line of the word.</returns>
    public (double X, double Y) Place(double x, double y, string word)
    {
        var width = Letter * word.Length;
        (double X, double Y)[] places =
        [
            (x + 7, y - 6), (x - 7 - width, y - 6), (x + 7, y + 14), (x - 7 - width, y + 14),
            (x + 8, y + 4), (x - 8 - width, y + 4), (x - width / 2, y - 10), (x - width / 2, y + 20),
            (x + 20, y - 6), (x - 20 - width, y - 6), (x + 20, y + 14), (x - 20 - width, y + 14),
        ];
        var usual = Array.FindIndex(places, p => IsInside(BoxOf(p, width)));
        var free = Array.FindIndex(places, p => BoxOf(p, width) is var box && IsInside(box) && !taken.Exists(box.Meets));
        var place = places[Math.Max(0, free >= 0 ? free : usual)];
        taken.Add(BoxOf(place, width));
        return place;
    }

    private static Box BoxOf((double X, double Y) place, double width) =>
        new(place.X, place.Y - Height + 2, place.X + width, place.Y + 2);

    private bool IsInside(Box box) =>
        box.Left >= left && box.Right <= right && box.Top >= top && box.Bottom <= bottom;

    private readonly record struct Box(double Left, double Top, double Right, double Bottom)
    {
        public bool Meets(Box other) =>
            Left < other.Right && other.Left < Right && Top < other.Bottom && other.Top < Bottom;
    }
}
