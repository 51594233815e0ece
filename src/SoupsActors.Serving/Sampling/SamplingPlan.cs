namespace SoupsActors.Serving.Sampling;

/// <summary>A request's sampling options, flattened for the loop.</summary>
internal sealed class SamplingPlan
{
    public SamplingPlan(SamplingOptions options, ulong seed)
    {
        Options = options;
        Seed = seed;
        BiasTokens = [.. options.LogitBias.Keys];
        Array.Sort(BiasTokens);
        BiasValues = Array.ConvertAll(BiasTokens, token => options.LogitBias[token]);
        ChangesLogits = BiasTokens.Length > 0 || options.RepetitionPenalty != 1f || options.NoRepeatNgram > 0;
    }

    public SamplingOptions Options { get; }

    public ulong Seed { get; }

    public int[] BiasTokens { get; }

    public float[] BiasValues { get; }

    /// <summary>Whether bias, penalty or n-gram rule touch the logits at all.</summary>
    public bool ChangesLogits { get; }
}
