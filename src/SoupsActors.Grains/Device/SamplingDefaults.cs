using SoupsActors.Generation;
using SoupsActors.Models.Files;
using SoupsActors.Serving;
using SoupsActors.Users;

namespace SoupsActors.Grains.Device;

/// <summary>Fills what request and profile leave open: first from the model's makers, then with what is off.</summary>
internal static class SamplingDefaults
{
    public static SamplingOptions Sampling(GeneratorRequest request, GenerationConfig model)
    {
        var wanted = request.Sampling;
        var greedy = model.DoSample == false ? 0 : (double?)null;
        return new SamplingOptions
        {
            LogitBias = request.LogitBias,
            Temperature = (float)(wanted.Temperature ?? greedy ?? model.Temperature ?? 1),
            TopK = wanted.TopK ?? model.TopK ?? 0,
            TopP = (float)(wanted.TopP ?? model.TopP ?? 1),
            MinP = (float)(wanted.MinP ?? model.MinP ?? 0),
            RepetitionPenalty = (float)(wanted.RepetitionPenalty ?? model.RepetitionPenalty ?? 1),
            NoRepeatNgram = wanted.NoRepeatNgram ?? model.NoRepeatNgramSize ?? 0,
            Seed = request.Seed,
        };
    }

    /// <summary>Most tokens of the answer: as asked, or what is suggested and still fits the context.</summary>
    /// <exception cref="SoupsException">Prompt and answer do not fit the context.</exception>
    public static int MaxTokens(SamplingSettings wanted, GenerationConfig model, int fallback, int prompt, int context)
    {
        var room = context - prompt;
        if (room < 1)
        {
            throw SoupsException.Invalid(
                $"The prompt has {prompt} tokens; prompt and answer together may have {context}. Shorten the prompt.",
                "context_length_exceeded",
                "messages");
        }

        if (wanted.MaxTokens is not { } asked)
            return Math.Min(model.MaxNewTokens ?? fallback, room);
        return asked <= room
            ? asked
            : throw SoupsException.Invalid(
                $"max_tokens is {asked}, but after a prompt of {prompt} tokens only {room} of {context} are left. "
                    + $"Ask for at most {room}, or leave max_tokens out.",
                "context_length_exceeded",
                "max_tokens");
    }
}
