using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace SoupsActors.Client;

/// <summary>Sends requests to the silo: repeats what may be repeated and turns error bodies into exceptions.</summary>
internal sealed class SoupsConnection(HttpClient http, IOptions<SoupsClientOptions> options, TimeProvider time)
{
    /// <summary>The silo's JSON: snake case, absent instead of null, enumerations as words.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public Uri Endpoint => options.Value.Endpoint;

    public async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken)
    {
        using var response = await GetStreamAsync(path, cancellationToken);
        return await ReadAsync<T>(response, cancellationToken);
    }

    /// <summary>Asks for something long; its body is read as it comes.</summary>
    public Task<HttpResponseMessage> GetStreamAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(() => new HttpRequestMessage(HttpMethod.Get, Address(path)), MayPass, cancellationToken);

    /// <summary>Sends a write; every attempt carries the same operation id, so it is applied once.</summary>
    public async Task<T> WriteAsync<T>(
        HttpMethod method, string path, object? body, string? etag, string? operationId, CancellationToken cancellationToken)
    {
        operationId ??= NewId();
        using var response = await SendAsync(
            () =>
            {
                var request = Request(method, path, body, operationId);
                if (etag is not null)
                    request.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{etag}\""));
                return request;
            },
            MayPass,
            cancellationToken);
        return await ReadAsync<T>(response, cancellationToken);
    }

    /// <summary>
    /// Asks for an answer. It is asked again where the silo refuses for the moment or the connection is lost before
    /// anything of the answer has come; every attempt carries the same operation id, so that a stored conversation
    /// remembers the exchange once. What ran out of time, here or at a proxy, would do so again and is not repeated.
    /// </summary>
    public Task<HttpResponseMessage> PostAsync(string path, object body, CancellationToken cancellationToken)
    {
        var operationId = NewId();
        return SendAsync(
            () => Request(HttpMethod.Post, path, body, operationId),
            static status => MayPass(status) && status != HttpStatusCode.GatewayTimeout,
            cancellationToken);
    }

    /// <exception cref="SoupsApiException">The body is not what a silo writes.</exception>
    public static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken)
                ?? throw new SoupsApiException(response.StatusCode, "The silo answered with an empty body.");
        }
        catch (JsonException e)
        {
            throw new SoupsApiException(
                response.StatusCode,
                $"What answers at {response.RequestMessage?.RequestUri} is no silo, or one of another version: {e.Message}",
                "not_a_silo",
                innerException: e);
        }
    }

    private static string NewId() => Guid.NewGuid().ToString("N");

    private Uri Address(string path) => new(options.Value.Endpoint, path);

    private HttpRequestMessage Request(HttpMethod method, string path, object? body, string operationId)
    {
        var request = new HttpRequestMessage(method, Address(path));
        request.Headers.Add("Idempotency-Key", operationId);
        if (body is not null)
            request.Content = JsonContent.Create(body, body.GetType(), options: Json);
        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(
        Func<HttpRequestMessage> create, Func<HttpStatusCode, bool> mayPass, CancellationToken cancellationToken)
    {
        var pause = options.Value.RetryDelay;
        for (var attempt = 1; ; attempt++, pause *= 2)
        {
            var last = attempt >= options.Value.Attempts;
            HttpResponseMessage response;
            try
            {
                response = await SendOnceAsync(create, cancellationToken);
            }
            catch (HttpRequestException) when (!last)
            {
                await Task.Delay(pause, time, cancellationToken);
                continue;
            }
            catch (HttpRequestException e)
            {
                throw new SoupsApiException(
                    HttpStatusCode.ServiceUnavailable,
                    $"No silo answers at {options.Value.Endpoint} ({e.Message}). Start one, or set the endpoint.",
                    "no_connection",
                    innerException: e);
            }

            if (response.IsSuccessStatusCode)
                return response;
            using (response)
            {
                if (last || !mayPass(response.StatusCode))
                    throw await ErrorAsync(response, cancellationToken);
                await Task.Delay(response.Headers.RetryAfter?.Delta ?? pause, time, cancellationToken);
            }
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Func<HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        using var request = create();
        if (options.Value.ApiKey is { } key)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var limit = new CancellationTokenSource(options.Value.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Sent again it would only take as long again, at a silo that may still be at work on it.
            throw new SoupsApiException(
                HttpStatusCode.GatewayTimeout,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The silo at {Endpoint} was silent for {options.Value.Timeout.TotalSeconds:0.#} s; whether it carried the "
                    + $"request out is unknown. Let the client wait longer ({SoupsClientOptions.Section}:Timeout), or ask "
                    + $"for an answer as a stream, which begins with its first token."),
                "no_answer",
                innerException: e);
        }
    }

    private static bool MayPass(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout;

    private static async Task<SoupsApiException> ErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var body = await response.Content.ReadFromJsonAsync<ErrorBody>(Json, cancellationToken);
            if (body?.Error is { } error)
                return new SoupsApiException(response.StatusCode, error.Message, error.Code, error.Param);
        }
        catch (JsonException)
        {
            // A proxy's page is no error body of the silo; the status says what there is to say.
        }

        return new SoupsApiException(
            response.StatusCode, $"The silo answered {(int)response.StatusCode} {response.ReasonPhrase}.");
    }

    private sealed record ErrorBody(ErrorDetail? Error);

    private sealed record ErrorDetail(string Message, string? Param, string? Code);
}
