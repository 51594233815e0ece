using System.Globalization;
using System.Text.Json;
using SoupsActors.Generation;
using SoupsActors.Silo.Http;
using SoupsActors.Users;

namespace SoupsActors.Silo.Api.OpenAi;

/// <summary>
/// From OpenAI's fields to the request that grains take. What is understood but not supported is refused by name.
/// </summary>
internal static class RequestTranslation
{
    public const int MaxAnswers = 4;

    public static TextRequest ToTextRequest(this ChatCompletionRequest body, string operationId)
    {
        RefuseIfPresent(body.Tools, "tools");
        RefuseIfPresent(body.Functions, "functions");
        if (body.ResponseFormat is { ValueKind: JsonValueKind.Object } format
            && format.TryGetProperty("type", out var type) && !type.ValueEquals("text"))
        {
            throw Unsupported("response_format", "Only {\"type\":\"text\"} is.");
        }

        if (body.TopLogprobs is not null && body.Logprobs is not true)
        {
            throw ApiException.BadRequest(
                "`top_logprobs` needs `logprobs`: true.", "invalid_request", "top_logprobs");
        }

        if (body is { MaxTokens: { } old, MaxCompletionTokens: { } current } && old != current)
        {
            throw ApiException.BadRequest(
                "`max_tokens` and `max_completion_tokens` differ. Send one of them.", "invalid_request", "max_tokens");
        }

        return Common(body, operationId, body.MaxCompletionTokens ?? body.MaxTokens) with
        {
            Messages = [.. (body.Messages ?? []).Select(Message)],
            LogProbabilities = body.Logprobs is true ? body.TopLogprobs ?? 0 : null,
        };
    }

    public static TextRequest ToTextRequest(this CompletionRequest body, string operationId)
    {
        if (!string.IsNullOrEmpty(body.Suffix))
            throw Unsupported("suffix", "Leave it out.");
        if (body.BestOf is > 1)
            throw Unsupported("best_of", "Use `n` and choose yourself.");
        if (body.Soup?.History is true)
            throw Unsupported("soup.history", "Stored conversations belong to /v1/chat/completions.");
        return Common(body, operationId, body.MaxTokens) with
        {
            Prompt = Prompt(body),
            LogProbabilities = body.Logprobs,
        };
    }

    /// <summary>How many answers are wanted, 1 to 4.</summary>
    public static int Answers(this GenerationFields body)
    {
        var answers = body.N ?? 1;
        if (answers is < 1 or > MaxAnswers)
            throw ApiException.BadRequest($"`n` is 1 to {MaxAnswers}.", "out_of_range", "n");
        if (answers > 1 && body.Soup?.History is true)
            throw ApiException.BadRequest("A stored conversation has one answer: `n` must be 1.", "out_of_range", "n");
        return answers;
    }

    private static TextRequest Common(GenerationFields body, string operationId, int? maxTokens)
    {
        RefusePenalty(body.PresencePenalty, "presence_penalty");
        RefusePenalty(body.FrequencyPenalty, "frequency_penalty");
        if (body.User is not null)
            Identifiers.RequireUser(body.User);
        var (model, expert) = Model(body.Model);
        var soup = body.Soup ?? new SoupFields();
        return new TextRequest
        {
            Model = model,
            Expert = expert,
            OperationId = operationId,
            Soup = new SoupOverride
            {
                Mix = soup.Mix,
                Merge = soup.Merge is { } merge ? ParseMerge(merge, "soup.merge") : null,
                Normalize = soup.Normalize,
                PromptTexts = soup.PromptTexts,
                History = soup.History ?? false,
            },
            Sampling = new SamplingSettings
            {
                Temperature = body.Temperature,
                TopP = body.TopP,
                TopK = soup.TopK,
                MinP = soup.MinP,
                RepetitionPenalty = soup.RepetitionPenalty,
                NoRepeatNgram = soup.NoRepeatNgram,
                MaxTokens = maxTokens,
            },
            Stop = body.Stop ?? [],
            LogitBias = Bias(body.LogitBias),
            Seed = body.Seed is { } seed ? unchecked((ulong)seed) : null,
        };
    }

    public static SoupMerge ParseMerge(string merge, string param) => merge switch
    {
        "product" => SoupMerge.Product,
        "factor" => SoupMerge.Factor,
        _ => throw ApiException.BadRequest($"`{param}` is \"product\" or \"factor\".", "invalid_merge", param),
    };

    private static (ModelChoice Model, string? Expert) Model(string? model) => model switch
    {
        ModelNames.Soup => (ModelChoice.Soup, null),
        ModelNames.Base => (ModelChoice.Base, null),
        null or "" => throw ApiException.BadRequest(
            "`model` is missing. Use \"soup\" (the user's own mix), \"base\", or an expert's id from GET /v1/models.",
            "model_required",
            "model"),
        _ when Identifiers.IsExpert(model) => (ModelChoice.Expert, model),
        _ => throw ModelNames.Unknown(model),
    };

    private static ChatMessage Message(ChatMessageFields message, int index)
    {
        var role = message.Role == "developer" ? "system" : message.Role;
        if (role is null)
        {
            throw ApiException.BadRequest(
                "A message has no `role`. Use 'system', 'user' or 'assistant'.", "invalid_role",
                $"messages[{index}].role");
        }

        return new ChatMessage(role, Text(message.Content, $"messages[{index}].content"));
    }

    private static string Text(JsonElement? content, string param)
    {
        switch (content)
        {
            case null or { ValueKind: JsonValueKind.Null }:
                return "";
            case { ValueKind: JsonValueKind.String } text:
                return text.GetString()!;
            case { ValueKind: JsonValueKind.Array } parts:
                return string.Concat(parts.EnumerateArray().Select(part => PartText(part, param)));
            default:
                throw ApiException.BadRequest(
                    $"`{param}` must be a text or a list of text parts.", "wrong_type", param);
        }
    }

    private static string PartText(JsonElement part, string param) =>
        part.ValueKind == JsonValueKind.Object
        && part.TryGetProperty("type", out var type)
        && type.ValueKind == JsonValueKind.String && type.ValueEquals("text")
        && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : throw Unsupported(param, "Only parts {\"type\":\"text\",\"text\":...} are; this model reads text alone.");

    private static string Prompt(CompletionRequest body) => body.Prompt switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() == 1
            && list[0].ValueKind == JsonValueKind.String => list[0].GetString()!,
        null => throw ApiException.BadRequest("`prompt` is missing.", "empty_prompt", "prompt"),
        _ => throw ApiException.BadRequest(
            "`prompt` must be one text. Send several prompts as several requests; they share a batch.", "wrong_type",
            "prompt"),
    };

    private static Dictionary<int, float> Bias(Dictionary<string, float>? bias)
    {
        var result = new Dictionary<int, float>();
        foreach (var (token, value) in bias ?? [])
        {
            if (!int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                throw ApiException.BadRequest(
                    $"'{token}' in `logit_bias` is not a token id.", "invalid_request", "logit_bias");
            }

            result[id] = value;
        }

        return result;
    }

    private static void RefusePenalty(double? value, string name)
    {
        if (value is not null and not 0)
            throw Unsupported(name, "Use `soup.repetition_penalty` or `soup.no_repeat_ngram`.");
    }

    private static void RefuseIfPresent(JsonElement? value, string name)
    {
        var empty = value is null or { ValueKind: JsonValueKind.Null }
            || (value is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == 0);
        if (!empty)
            throw Unsupported(name, "Leave it out.");
    }

    private static ApiException Unsupported(string field, string instead) =>
        ApiException.BadRequest($"`{field}` is not supported here. {instead}", "unsupported", field);
}

/// <summary>The models that are not experts.</summary>
internal static class ModelNames
{
    public const string Soup = "soup";
    public const string Base = "base";

    /// <summary>The refusal for a model that does not exist.</summary>
    public static ApiException Unknown(string model) => new(
        StatusCodes.Status404NotFound,
        $"There is no model '{model}'. Use \"soup\", \"base\", or an expert's id from GET /v1/models.",
        "model_not_found",
        "model");
}
