namespace SoupsActors.Models.Training;

/// <summary>
/// Random numbers for initial weights that a seed fixes on every platform and version; normal ones by Box and Muller's
/// transform.
/// </summary>
internal sealed class SeededNormal(long seed)
{
    private ulong state = unchecked((ulong)seed);

    /// <summary>Numbers uniform in ±<paramref name="bound"/>.</summary>
    public float[] Uniform(int count, float bound)
    {
        var numbers = new float[count];
        for (var i = 0; i < count; i++)
            numbers[i] = (float)((NextDouble() * 2 - 1) * bound);
        return numbers;
    }

    /// <summary>Normal numbers with mean 0.</summary>
    public float[] Normal(int count, double standardDeviation)
    {
        var numbers = new float[count];
        for (var i = 0; i < count; i++)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
            numbers[i] = (float)(standardDeviation * radius * Math.Cos(2 * Math.PI * NextDouble()));
        }

        return numbers;
    }

    private double NextDouble() => SplitMix64.ToUniform(SplitMix64.Next(ref state));
}
