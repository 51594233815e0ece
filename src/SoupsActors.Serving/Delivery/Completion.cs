namespace SoupsActors.Serving.Delivery;

/// <summary>What the last update of an answer says.</summary>
internal readonly record struct Completion(FinishReason Reason, TokenUsage Usage, ulong Seed);

/// <summary>Log-probabilities of one token.</summary>
internal readonly record struct TokenScores(TokenLogProbability Chosen, TokenLogProbability[] Top);
