using SoupsActors.Users;

namespace SoupsActors.Grains.Generation;

/// <summary>Who decides about sampling: request before profile before model.</summary>
internal static class SamplingLayers
{
    /// <summary>These settings, with gaps filled from <paramref name="below"/>.</summary>
    public static SamplingSettings Over(this SamplingSettings above, SamplingSettings below) => new()
    {
        Temperature = above.Temperature ?? below.Temperature,
        TopP = above.TopP ?? below.TopP,
        TopK = above.TopK ?? below.TopK,
        MinP = above.MinP ?? below.MinP,
        RepetitionPenalty = above.RepetitionPenalty ?? below.RepetitionPenalty,
        NoRepeatNgram = above.NoRepeatNgram ?? below.NoRepeatNgram,
        MaxTokens = above.MaxTokens ?? below.MaxTokens,
    };
}
