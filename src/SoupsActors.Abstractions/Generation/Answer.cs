namespace SoupsActors.Generation;

/// <summary>Why an answer ended.</summary>
public enum AnswerEnd
{
    /// <summary>An end token or a stop text.</summary>
    Stop,

    /// <summary>The token limit or the context's end.</summary>
    Length,
}

/// <summary>Tokens counted for a request.</summary>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CompletionTokens">Tokens generated, end tokens included.</param>
[GenerateSerializer, Immutable]
public readonly record struct AnswerUsage([property: Id(0)] int PromptTokens, [property: Id(1)] int CompletionTokens);

/// <summary>A token with its log-probability.</summary>
/// <param name="Text">The token's text; a replacement character where it is part of a longer character.</param>
/// <param name="LogProbability">Natural logarithm of its probability before sampling filters.</param>
/// <param name="Bytes">The token's bytes.</param>
[GenerateSerializer, Immutable]
public sealed record TokenScore(
    [property: Id(0)] string Text, [property: Id(1)] float LogProbability, [property: Id(2)] byte[] Bytes);

/// <summary>A chosen token and the most likely ones at its place.</summary>
/// <param name="Token">The chosen token.</param>
/// <param name="Top">The most likely tokens, most likely first; empty where none were asked for.</param>
[GenerateSerializer, Immutable]
public sealed record TokenScores([property: Id(0)] TokenScore Token, [property: Id(1)] TokenScore[] Top);

/// <summary>
/// A part of an answer. The last one carries <see cref="End"/>, <see cref="Usage"/> and <see cref="Seed"/>.
/// </summary>
[GenerateSerializer, Immutable]
public sealed record AnswerPiece
{
    /// <summary>New text, whole characters only; may be empty.</summary>
    [Id(0)]
    public string Text { get; init; } = "";

    /// <summary>The tokens' log-probabilities, where asked for.</summary>
    [Id(1)]
    public TokenScores[]? Scores { get; init; }

    /// <summary>Set on the last piece.</summary>
    [Id(2)]
    public AnswerEnd? End { get; init; }

    /// <summary>Set on the last piece.</summary>
    [Id(3)]
    public AnswerUsage? Usage { get; init; }

    /// <summary>The seed in force, set on the last piece: the same request with it gives the same answer.</summary>
    [Id(4)]
    public ulong? Seed { get; init; }

    /// <summary>Names the answer; feedback refers to it. The same on all pieces.</summary>
    [Id(5)]
    public string? Interaction { get; init; }

    /// <summary>Ids of the tokens that this piece adds; its text may lag behind by a character or a stop text.</summary>
    [Id(6)]
    public int[] Tokens { get; init; } = [];
}

/// <summary>A whole answer.</summary>
/// <param name="Text">The text.</param>
/// <param name="End">Why it ended.</param>
/// <param name="Usage">Tokens counted.</param>
/// <param name="Seed">The seed in force.</param>
/// <param name="Scores">Log-probabilities per token, where asked for.</param>
[GenerateSerializer, Immutable]
public sealed record Answer(
    [property: Id(0)] string Text,
    [property: Id(1)] AnswerEnd End,
    [property: Id(2)] AnswerUsage Usage,
    [property: Id(3)] ulong? Seed,
    [property: Id(4)] TokenScores[]? Scores)
{
    /// <summary>Names the answer; feedback refers to it.</summary>
    [Id(5)]
    public string? Interaction { get; init; }
}
