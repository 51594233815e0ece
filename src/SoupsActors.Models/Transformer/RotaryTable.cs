using SoupsActors.Models.Files;

namespace SoupsActors.Models.Transformer;

/// <summary>
/// Cosines and sines of the rotary position embedding (Su et al. 2021, section 3.2.2) with the scalings that lengthen a
/// model's context. Angles are computed in double precision.
/// </summary>
public static class RotaryTable
{
    /// <summary>
    /// Positions × head size, row-major: cosines of the d/2 angles of a position, then their sines, as
    /// <see cref="Tensors.Backend.Rotate"/> reads them.
    /// </summary>
    /// <param name="config">Head size, θ and scaling.</param>
    /// <param name="positions">Rows of the table; the context length where it is left out.</param>
    public static float[] Build(TransformerConfig config, int? positions = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        var size = config.HeadSize;
        var half = size / 2;
        var count = positions ?? config.ContextLength;
        var table = new float[(long)count * size];
        var frequencies = Frequencies(config, 0);
        for (var position = 0; position < count; position++)
        {
            if (config.Rotary.Scaling == RotaryScaling.Dynamic)
                frequencies = Frequencies(config, position);
            var row = table.AsSpan(position * size, size);
            for (var j = 0; j < half; j++)
            {
                var (sine, cosine) = Math.SinCos(position * frequencies[j]);
                row[j] = (float)cosine;
                row[half + j] = (float)sine;
            }
        }

        return table;
    }

    private static double[] Frequencies(TransformerConfig config, int position)
    {
        var rotary = config.Rotary;
        var original = rotary.OriginalMaxPositions ?? config.MaxPositions;
        var theta = rotary.Theta;
        if (rotary.Scaling == RotaryScaling.Dynamic)
            theta *= DynamicStretch(rotary.Factor, original, config.HeadSize, position);
        var frequencies = new double[config.HeadSize / 2];
        for (var j = 0; j < frequencies.Length; j++)
        {
            var frequency = Math.Pow(theta, -2.0 * j / config.HeadSize);
            frequencies[j] = rotary.Scaling switch
            {
                RotaryScaling.Linear => frequency / rotary.Factor,
                RotaryScaling.Llama3 => Llama3(rotary, original, frequency),
                _ => frequency,
            };
        }

        return frequencies;
    }

    /// <summary>
    /// NTK-aware scaling that grows with the length so far: nothing up to the original context, then θ is multiplied by
    /// (f·n/n₀ − (f − 1))^(d/(d − 2)) for a sequence of n tokens. Each position takes its own n, so that a key never
    /// depends on how its prompt was cut into chunks.
    /// </summary>
    private static double DynamicStretch(double factor, int original, int headSize, int position)
    {
        var ratio = (double)Math.Max(position + 1, original) / original;
        return Math.Pow(factor * ratio - (factor - 1), headSize / (headSize - 2.0));
    }

    /// <summary>
    /// Llama 3.1's scaling: waves longer than the original context / low factor are stretched, those shorter than
    /// context / high factor stay, and those between are blended.
    /// </summary>
    private static double Llama3(RotaryConfig rotary, int original, double frequency)
    {
        var turns = original * frequency / (2 * Math.PI);
        var keep = (turns - rotary.LowFrequencyFactor) / (rotary.HighFrequencyFactor - rotary.LowFrequencyFactor);
        keep = Math.Clamp(keep, 0, 1);
        return keep * frequency + (1 - keep) * frequency / rotary.Factor;
    }
}
