using System.Text;
using SoupsActors.Generation;
using SoupsActors.Models.Tokenization;
using SoupsActors.Serving;

namespace SoupsActors.Grains.Device;

/// <summary>The engine's updates as pieces of an answer, with token ids turned into texts.</summary>
internal sealed class TokenScoring(Tokenizer tokenizer)
{
    public AnswerPiece Piece(GenerationUpdate update) => new()
    {
        Text = update.Text,
        Tokens = [.. update.Tokens],
        Scores = update.LogProbabilities is { Count: > 0 } chosen ? Scores(chosen, update.TopLogProbabilities) : null,
        End = update.FinishReason switch
        {
            null => null,
            FinishReason.Stop => AnswerEnd.Stop,
            _ => AnswerEnd.Length,
        },
        Usage = update.Usage is { } usage ? new AnswerUsage(usage.PromptTokens, usage.CompletionTokens) : null,
        Seed = update.Seed,
    };

    private TokenScores[] Scores(
        IReadOnlyList<TokenLogProbability> chosen, IReadOnlyList<IReadOnlyList<TokenLogProbability>>? top)
    {
        var scores = new TokenScores[chosen.Count];
        for (var i = 0; i < scores.Length; i++)
            scores[i] = new TokenScores(Score(chosen[i]), top is null ? [] : [.. top[i].Select(Score)]);
        return scores;
    }

    private TokenScore Score(TokenLogProbability token)
    {
        var text = tokenizer.Decode([token.Token], skipSpecial: false);
        return new TokenScore(text, token.LogProbability, Encoding.UTF8.GetBytes(text));
    }
}
