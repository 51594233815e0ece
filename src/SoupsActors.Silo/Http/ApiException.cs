using Orleans.Runtime;
using Orleans.Storage;

namespace SoupsActors.Silo.Http;

/// <summary>A refusal that becomes a response in OpenAI's error shape.</summary>
internal sealed class ApiException(int status, string message, string code, string? param = null) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public string? Param { get; } = param;

    public TimeSpan? RetryAfter { get; init; }

    public static ApiException BadRequest(string message, string code, string? param = null) =>
        new(StatusCodes.Status400BadRequest, message, code, param);

    /// <summary>
    /// The response that an exception of any kind becomes; null for one that is this program's fault.
    /// </summary>
    public static ApiException? From(Exception error) => error switch
    {
        ApiException api => api,
        SoupsException soups => new ApiException(StatusOf(soups), soups.Message, soups.Code, soups.Param)
        {
            RetryAfter = soups.MayPass ? TimeSpan.FromSeconds(2) : null,
        },
        InconsistentStateException => new ApiException(
            StatusCodes.Status503ServiceUnavailable,
            "Somebody else wrote the same at the same moment. Send the request again with the same Idempotency-Key.",
            "concurrent_write")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        },
        OrleansException { InnerException: { } inner } when From(inner) is { } known => known,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new ApiException(
            StatusCodes.Status413PayloadTooLarge,
            "The request body is too large. Send less text, or raise Soups:MaxRequestBytes.",
            "body_too_large"),
        TimeoutException => new ApiException(
            StatusCodes.Status504GatewayTimeout,
            "The server took too long; whether the request was carried out is unknown. "
                + "Send it again with the same Idempotency-Key.",
            "timeout"),
        _ when LostCalls.Is(error) => new ApiException(
            StatusCodes.Status503ServiceUnavailable,
            "A silo that the request needs cannot be reached at the moment; whether the request was carried out is "
                + "unknown. Send it again with the same Idempotency-Key.",
            "silo_unavailable")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        },
        BadHttpRequestException bad => new ApiException(bad.StatusCode, bad.Message, "bad_request"),
        _ => null,
    };

    private static int StatusOf(SoupsException error) => error.Error switch
    {
        SoupsError.InvalidRequest => StatusCodes.Status400BadRequest,
        SoupsError.NotFound => StatusCodes.Status404NotFound,
        SoupsError.Conflict when error.Code == "etag_mismatch" => StatusCodes.Status412PreconditionFailed,
        SoupsError.Conflict => StatusCodes.Status409Conflict,
        SoupsError.Busy => StatusCodes.Status429TooManyRequests,
        SoupsError.NotReady or SoupsError.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };
}
