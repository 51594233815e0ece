using SoupsActors.Learning.Training;

namespace SoupsActors.Learning.Policy;

/// <summary>
/// Mean and variance of all numbers seen so far, updated batch by batch (Chan, Golub and LeVeque 1979).
/// </summary>
internal sealed class RunningMoments
{
    private double squares;

    /// <summary>Numbers seen.</summary>
    public long Count { get; private set; }

    /// <summary>Their mean; 0 before the first.</summary>
    public double Mean { get; private set; }

    /// <summary>Their unbiased variance; 0 before the second.</summary>
    public double Variance => Count > 1 ? squares / (Count - 1) : 0;

    /// <summary>The root of <see cref="Variance"/>.</summary>
    public double StandardDeviation => Math.Sqrt(Variance);

    /// <summary>Adds a batch.</summary>
    public void Update(IEnumerable<double> numbers)
    {
        var batch = numbers as IReadOnlyCollection<double> ?? [.. numbers];
        if (batch.Count == 0)
            return;
        var mean = batch.Average();
        var difference = mean - Mean;
        var total = Count + batch.Count;
        squares += batch.Sum(x => (x - mean) * (x - mean)) + difference * difference * Count * batch.Count / total;
        Mean += difference * batch.Count / total;
        Count = total;
    }

    public void Save(CheckpointWriter state, string prefix)
    {
        state.Add(prefix + ".count", Count);
        state.Add(prefix + ".mean", Mean);
        state.Add(prefix + ".squares", squares);
    }

    public void Load(CheckpointReader state, string prefix)
    {
        Count = state.Integer(prefix + ".count");
        Mean = state.Number(prefix + ".mean");
        squares = state.Number(prefix + ".squares");
    }
}
