using System.Text.Json;
using System.Text.RegularExpressions;

namespace SoupsActors.Silo.Http;

/// <summary>Reads a JSON body, and says of a wrong one where it is wrong and what belongs there.</summary>
internal static partial class JsonBody
{
    /// <exception cref="ApiException">The body is not JSON, or not of this shape.</exception>
    /// <exception cref="BadHttpRequestException">The body is larger than the server takes.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context)
        where T : class
    {
        if (!context.Request.HasJsonContentType())
            throw NotJson();

        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        return Parse<T>(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
    }

    /// <summary>
    /// The refusal of a body that is not declared as JSON; browsers send such bodies across sites unasked.
    /// </summary>
    public static ApiException NotJson() => new(
        StatusCodes.Status415UnsupportedMediaType,
        "Send the body as JSON with the header `Content-Type: application/json`.",
        "unsupported_media_type");

    public static T Parse<T>(ReadOnlyMemory<byte> utf8)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw ApiException.BadRequest("The body must be a JSON object: { ... }.", "invalid_json");
        }
        catch (JsonException error)
        {
            throw ApiException.BadRequest(
                $"The body is not valid JSON at {Place(error)}. Check quotes, commas and brackets there.",
                "invalid_json");
        }

        try
        {
            return JsonSerializer.Deserialize<T>(utf8.Span, ApiJson.Options)!;
        }
        catch (JsonException error)
        {
            throw WrongShape(error);
        }
    }

    /// <summary>What is wrong with JSON that does not have the expected shape.</summary>
    public static ApiException WrongShape(JsonException error)
    {
        var missing = MissingField().Match(error.Message);
        if (missing.Success)
        {
            var name = missing.Groups[1].Value;
            return ApiException.BadRequest($"`{name}` is missing.", "missing_field", name);
        }

        var field = error.Path is { Length: > 2 } path ? path[2..] : null;
        if (error.InnerException is ApiException own)
            return own;
        if (error.Message.Contains("could not be mapped", StringComparison.Ordinal))
        {
            return ApiException.BadRequest(
                $"There is no field `{field}`. Check its spelling; /openapi/v1.json lists the fields.",
                "unknown_field", field);
        }

        if (error.Message.Contains("uplicate", StringComparison.Ordinal))
            return ApiException.BadRequest($"`{field}` is given twice (at {Place(error)}).", "duplicate_field", field);
        var type = TypeName().Match(error.Message);
        var expected = type.Success ? Expected(type.Groups[1].Value) : null;
        return ApiException.BadRequest(
            $"`{field}` must be {expected ?? "of another type"} (at {Place(error)}).", "wrong_type", field);
    }

    private static string Place(JsonException error) =>
        $"line {error.LineNumber.GetValueOrDefault() + 1}, column {error.BytePositionInLine.GetValueOrDefault() + 1}";

    private static string Expected(string type)
    {
        if (type.Contains("[]", StringComparison.Ordinal))
            return "a list";
        if (type.Contains("Dictionary", StringComparison.Ordinal))
            return "an object of names and numbers";
        if (type.Contains("Int", StringComparison.Ordinal))
            return "a whole number";
        if (type.Contains("Double", StringComparison.Ordinal) || type.Contains("Single", StringComparison.Ordinal))
            return "a number";
        if (type.Contains("Boolean", StringComparison.Ordinal))
            return "true or false";
        return type.Contains("String", StringComparison.Ordinal) ? "a text" : "an object";
    }

    [GeneratedRegex(@"converted to (\S+)\. Path", RegexOptions.CultureInvariant)]
    private static partial Regex TypeName();

    [GeneratedRegex(@"missing required properties including: '(\w+)'", RegexOptions.CultureInvariant)]
    private static partial Regex MissingField();
}
