using System.Text.Json.Serialization;

namespace SoupsActors.Silo.Http;

/// <summary>OpenAI's error shape.</summary>
/// <param name="Error">The error.</param>
internal sealed record ErrorBody(ErrorDetail Error)
{
    public static ErrorBody Of(int status, string message, string code, string? param) =>
        new(new ErrorDetail(message, TypeOf(status), param, code));

    private static string TypeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status404NotFound => "not_found_error",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };
}

/// <summary>What is wrong.</summary>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Type">The class of error.</param>
/// <param name="Param">The field at fault.</param>
/// <param name="Code">A stable word for programs.</param>
internal sealed record ErrorDetail(
    string Message,
    string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    string Code);
