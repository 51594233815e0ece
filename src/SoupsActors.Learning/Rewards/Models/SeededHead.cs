namespace SoupsActors.Learning.Rewards;

/// <summary>Initial numbers of reward heads, fixed by a seed.</summary>
internal static class SeededHead
{
    /// <summary>Normal numbers with mean 0 (Box and Muller 1958).</summary>
    public static float[] Normal(int seed, int count, double standardDeviation)
    {
        var random = new Random(seed);
        var numbers = new float[count];
        for (var i = 0; i < count; i++)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            numbers[i] = (float)(standardDeviation * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return numbers;
    }
}
