using System.Text.Json.Serialization;
using SoupsActors.Judging;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api.Judging;

/// <summary>POST /v1/scores.</summary>
internal static class ScoreEndpoints
{
    private const int Critics = 8;

    public static void MapScores(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/scores", ScoreAsync)
            .WithAccess(AccessPolicy.Key)
            .WithTags("Judging")
            .WithSummary("Scores an answer by each preference; `judge` is null where the server has none that scores.")
            .Accepts<ScoreFields>("application/json")
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest);

    private static async Task<AnswerScoresBody> ScoreAsync(HttpContext context, IGrainFactory grains)
    {
        var fields = await JsonBody.ReadAsync<ScoreFields>(context);
        var answer = fields.Answer
            ?? throw ApiException.BadRequest("`answer` is missing.", "missing_field", "answer");
        var critic = grains.GetGrain<ICriticGrain>(Random.Shared.Next(Critics));
        var scores = await critic.Score(fields.Prompt ?? "", answer);
        return new AnswerScoresBody(
            scores.Judge,
            scores.Words,
            [.. scores.Scores.Select(s => new CriterionScoreBody(s.Preference, s.Score, s.Meets))]);
    }
}

/// <summary>What is to be scored.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ScoreFields
{
    /// <summary>What was asked.</summary>
    public string? Prompt { get; init; }

    /// <summary>The answer.</summary>
    public string? Answer { get; init; }
}

/// <summary>An answer by all preferences.</summary>
internal sealed record AnswerScoresBody(
    string? Judge, int Words, CriterionScoreBody[] Scores, string Object = "answer.scores");

/// <summary>An answer by one preference.</summary>
internal sealed record CriterionScoreBody(string Preference, double Score, bool? Meets);
