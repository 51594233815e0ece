namespace SoupsActors.Simulation.Workload;

/// <summary>
/// Draws ranks with probability proportional to rank^−s in constant time and without tables, by rejection-inversion
/// (Hörmann and Derflinger 1996, "Rejection-inversion to generate variates from monotone discrete distributions").
/// </summary>
internal sealed class Zipf
{
    private readonly int count;
    private readonly double exponent;
    private readonly double low;
    private readonly double high;
    private readonly double sure;

    /// <param name="count">Ranks there are, at least 1.</param>
    /// <param name="exponent">s, not negative; 0 makes all ranks alike.</param>
    public Zipf(int count, double exponent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(exponent);
        this.count = count;
        this.exponent = exponent;
        low = Area(1.5) - 1;
        high = Area(count + 0.5);
        sure = 2 - Inverse(Area(2.5) - Height(2));
    }

    /// <summary>A rank from 0, the most popular, to count − 1.</summary>
    public int Draw(ref Chance chance)
    {
        while (true)
        {
            var area = high + chance.Uniform() * (low - high);
            var x = Inverse(area);
            var rank = Math.Clamp(Math.Round(x), 1, count);
            if (rank - x <= sure || area >= Area(rank + 0.5) - Height(rank))
                return (int)rank - 1;
        }
    }

    private double Height(double x) => Math.Pow(x, -exponent);

    private double Area(double x) =>
        exponent == 1 ? Math.Log(x) : (Math.Pow(x, 1 - exponent) - 1) / (1 - exponent);

    private double Inverse(double area) =>
        exponent == 1 ? Math.Exp(area) : Math.Pow(1 + area * (1 - exponent), 1 / (1 - exponent));
}
