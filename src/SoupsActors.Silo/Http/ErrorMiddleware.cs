using System.Globalization;

namespace SoupsActors.Silo.Http;

/// <summary>Turns every refusal, thrown or set as a bare status, into OpenAI's error shape.</summary>
internal sealed partial class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            await DescribeBareStatusAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; nobody reads an answer.
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, ApiException.From(error) ?? Unexpected(error));
        }
    }

    public static Task WriteAsync(HttpContext context, ApiException error)
    {
        var response = context.Response;
        response.Clear();
        response.StatusCode = error.Status;
        if (error.RetryAfter is { } wait)
            response.Headers.RetryAfter = ((int)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (error.Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        var body = ErrorBody.Of(error.Status, error.Message, error.Code, error.Param);
        return response.WriteAsJsonAsync(body, ApiJson.Options, context.RequestAborted);
    }

    private static Task DescribeBareStatusAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted || response.StatusCode < 400 || response.ContentType is not null)
            return Task.CompletedTask;
        var allow = response.Headers.Allow;
        var error = response.StatusCode switch
        {
            StatusCodes.Status404NotFound => new ApiException(
                response.StatusCode,
                $"There is no {context.Request.Method} {context.Request.Path}. /openapi/v1.json lists the routes.",
                "unknown_route"),
            StatusCodes.Status405MethodNotAllowed => new ApiException(
                response.StatusCode,
                $"{context.Request.Path} does not take {context.Request.Method}; it takes {allow}.",
                "method_not_allowed"),
            StatusCodes.Status415UnsupportedMediaType => JsonBody.NotJson(),
            var status => new ApiException(status, $"The request was refused with status {status}.", "refused"),
        };
        var written = WriteAsync(context, error);
        if (allow.Count > 0 && !response.HasStarted)
            response.Headers.Allow = allow;
        return written;
    }

    private ApiException Unexpected(Exception error)
    {
        LogUnexpected(error);
        return new ApiException(
            StatusCodes.Status500InternalServerError,
            "The server failed. Its log has the cause; the request may be sent again.",
            "internal_error");
    }

    [LoggerMessage(LogLevel.Error, "A request failed.")]
    private partial void LogUnexpected(Exception error);
}
