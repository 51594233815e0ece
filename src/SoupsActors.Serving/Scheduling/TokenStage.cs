using SoupsActors.Serving.Delivery;
using SoupsActors.Serving.Sampling;
using SoupsActors.Serving.Text;

namespace SoupsActors.Serving.Scheduling;

/// <summary>From a row of logits to a delivered token: sampling, log-probabilities, text, stops, limits.</summary>
internal sealed class TokenStage(int vocabularySize)
{
    private readonly Sampler sampler = new(vocabularySize);
    private readonly LogProbabilities logProbabilities = new(vocabularySize);
    private readonly CharBuffer decoded = new();
    private readonly CharBuffer released = new();

    /// <exception cref="GenerationFailedException">The logits give no token.</exception>
    public void Advance(SequenceState row, ReadOnlySpan<float> logits)
    {
        var token = sampler.Sample(logits, row.Sampling, row.Tokens, row.Generated);
        TokenScores? scores = null;
        if (row.LogProbabilities is { } count)
        {
            var (chosen, top) = logProbabilities.Measure(logits, token, count);
            scores = new TokenScores(chosen, top);
        }

        row.Append(token);
        var reason = Release(row, token);
        Completion? end = reason is { } why
            ? new Completion(why, new TokenUsage(row.PromptLength, row.Generated), row.Sampling.Seed)
            : null;
        row.Answer.Write(token, released.Span, scores, end);
        if (end is not null)
            row.End();
    }

    /// <summary>
    /// Brings a row's text to where another engine left it: half characters and half stop texts wait as they did there.
    /// </summary>
    /// <exception cref="RequestRefusedException">The continuation holds a whole stop text.</exception>
    public static void Replay(SequenceState row)
    {
        if (row.Text is null || row.Generated == 0)
            return;
        var (text, delivered) = (new CharBuffer(), new CharBuffer());
        foreach (var token in row.Tokens[row.PromptLength..])
        {
            text.Clear();
            row.Text.Append(token, text);
            if (row.Stops.Append(text.Span, delivered))
            {
                throw new RequestRefusedException(
                    nameof(GenerationRequest.Continuation),
                    "The continuation holds a stop text, so its answer has ended already.");
            }

            delivered.Clear();
        }
    }

    /// <summary>Leaves the text that the token sets free in <see cref="released"/>.</summary>
    private FinishReason? Release(SequenceState row, int token)
    {
        released.Clear();
        decoded.Clear();
        var isStop = row.StopTokens.AsSpan().Contains(token);
        if (!isStop && row.Text is not null)
        {
            row.Text.Append(token, decoded);
            if (row.Stops.Append(decoded.Span, released))
                return FinishReason.Stop;
        }

        if (!isStop && row.Generated < row.MaxNewTokens)
            return null;

        decoded.Clear();
        row.Text?.Flush(decoded);
        if (row.Stops.Append(decoded.Span, released))
            return FinishReason.Stop;
        row.Stops.Flush(released);
        return isStop ? FinishReason.Stop : FinishReason.Length;
    }
}
