using System.Text;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Inference;

namespace SoupsActors.Serving;

/// <summary>Refuses what the engine can never serve, before it enters the queue.</summary>
internal sealed class RequestValidator(IStepModel model, EngineOptions options, bool hasText)
{
    private const float MaxBias = 100f;

    /// <summary>The experts of the mix's terms, in their order.</summary>
    /// <exception cref="RequestRefusedException">The request breaks a limit; the message names it.</exception>
    /// <exception cref="ExpertMismatchException">
    /// An expert of the mix is missing, or they cannot be mixed as asked.
    /// </exception>
    public Expert[] Check(GenerationRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckPrompt(request);
        CheckSampling(request.Sampling);
        CheckStops(request);
        if (request.LogProbabilities is { } count && (count < 0 || count > options.MaxLogProbabilities))
        {
            throw Refuse(
                nameof(request.LogProbabilities),
                $"LogProbabilities is {count}; 0 to {options.MaxLogProbabilities} alternatives are possible.");
        }

        return FindExperts(request);
    }

    /// <summary>Most tokens to generate: the request's own limit or what the context leaves.</summary>
    public int MaxNewTokens(GenerationRequest request) =>
        Math.Min(request.MaxTokens, model.ContextLength - request.Prompt.Count);

    private static RequestRefusedException Refuse(string parameter, string message) => new(parameter, message);

    private void CheckPrompt(GenerationRequest request)
    {
        if (request.Prompt is null || request.Prompt.Count == 0)
            throw Refuse(nameof(request.Prompt), "The prompt is empty; it needs at least one token.");
        if (request.Prompt.Count >= model.ContextLength)
        {
            throw Refuse(
                nameof(request.Prompt),
                $"The prompt has {request.Prompt.Count} tokens, but the model's context holds {model.ContextLength} "
                + "for prompt and answer together; shorten the prompt.");
        }

        foreach (var token in request.Prompt)
            CheckToken(nameof(request.Prompt), token);
        if (request.MaxTokens < 1)
            throw Refuse(nameof(request.MaxTokens), $"MaxTokens is {request.MaxTokens}; it must be at least 1.");

        CheckContinuation(request);

        // The context may be longer than the whole cache.
        var tokens = request.Prompt.Count + MaxNewTokens(request) - 1L;
        var capacity = (long)model.BlockCount * model.BlockTokens;
        if (tokens > capacity)
        {
            throw Refuse(
                nameof(request.MaxTokens),
                $"Prompt ({request.Prompt.Count} tokens) and answer (up to {MaxNewTokens(request)}) need {tokens} "
                + $"places, but the key/value cache has {capacity}; lower MaxTokens or shorten the prompt.");
        }
    }

    private void CheckContinuation(GenerationRequest request)
    {
        if (request.Continuation.Count == 0)
            return;
        if (request.Continuation.Count >= MaxNewTokens(request))
        {
            throw Refuse(
                nameof(request.Continuation),
                $"The continuation has {request.Continuation.Count} tokens of an answer of at most "
                + $"{MaxNewTokens(request)}; there is nothing left to generate.");
        }

        if (request.Sampling.Seed is null && request.Sampling.Temperature != 0)
        {
            throw Refuse(
                nameof(request.Continuation), "A continuation needs the seed that its first tokens were drawn with.");
        }

        foreach (var token in request.Continuation)
        {
            CheckToken(nameof(request.Continuation), token);
            if (request.StopTokens.Contains(token))
            {
                throw Refuse(
                    nameof(request.Continuation),
                    $"The continuation holds the end token {token}, so its answer has ended already.");
            }
        }
    }

    private void CheckToken(string parameter, int token)
    {
        if ((uint)token >= (uint)model.VocabularySize)
            throw Refuse(parameter, $"Token {token} is not in the vocabulary (0 to {model.VocabularySize - 1}).");
    }

    private void CheckSampling(SamplingOptions sampling)
    {
        Require(nameof(sampling.Temperature), sampling.Temperature, float.IsFinite(sampling.Temperature)
            && sampling.Temperature >= 0, "a finite number, at least 0");
        Require(nameof(sampling.TopK), sampling.TopK, sampling.TopK >= 0, "at least 0");
        Require(nameof(sampling.TopP), sampling.TopP, sampling.TopP is > 0 and <= 1, "more than 0 and at most 1");
        Require(nameof(sampling.MinP), sampling.MinP, sampling.MinP is >= 0 and <= 1, "0 to 1");
        Require(nameof(sampling.NoRepeatNgram), sampling.NoRepeatNgram, sampling.NoRepeatNgram >= 0, "at least 0");
        Require(nameof(sampling.RepetitionPenalty), sampling.RepetitionPenalty,
            float.IsFinite(sampling.RepetitionPenalty) && sampling.RepetitionPenalty > 0, "a finite number above 0");
        foreach (var (token, bias) in sampling.LogitBias)
        {
            CheckToken(nameof(sampling.LogitBias), token);
            Require(nameof(sampling.LogitBias), bias, Math.Abs(bias) <= MaxBias, $"−{MaxBias} to {MaxBias}");
        }
    }

    private static void Require(string parameter, object value, bool holds, string range)
    {
        if (!holds)
            throw Refuse(parameter, $"{parameter} is {value}; it must be {range}.");
    }

    private void CheckStops(GenerationRequest request)
    {
        if (request.Stop.Count > 0 && !hasText)
            throw Refuse(nameof(request.Stop), "This engine has no tokenizer, so it cannot look for stop texts.");
        if (request.Stop.Count > options.MaxStopTexts)
        {
            throw Refuse(
                nameof(request.Stop),
                $"{request.Stop.Count} stop texts are given; at most {options.MaxStopTexts} are possible.");
        }

        foreach (var stop in request.Stop)
        {
            if (string.IsNullOrEmpty(stop) || stop.Length > options.MaxStopLength)
                throw Refuse(nameof(request.Stop), $"A stop text must have 1 to {options.MaxStopLength} characters.");
            if (!IsWellFormed(stop))
                throw Refuse(nameof(request.Stop), "A stop text has half a character (an unpaired surrogate).");
        }

        foreach (var token in request.StopTokens)
            CheckToken(nameof(request.StopTokens), token);
    }

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var length) != System.Buffers.OperationStatus.Done)
                return false;
            text = text[length..];
        }

        return true;
    }

    private Expert[] FindExperts(GenerationRequest request)
    {
        var terms = request.Mix.Terms;
        if (terms.Length > options.MaxResidentExperts)
        {
            throw Refuse(
                nameof(request.Mix),
                $"The mix names {terms.Length} experts; this engine holds at most {options.MaxResidentExperts}.");
        }

        return [.. MixRules.Check(request.Mix, request.Experts).Select(w => w.Expert)];
    }
}
