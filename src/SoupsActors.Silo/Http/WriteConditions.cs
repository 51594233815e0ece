namespace SoupsActors.Silo.Http;

/// <summary>The headers that make a write safe to send again, and safe against writes of others.</summary>
internal static class WriteConditions
{
    /// <summary>The operation id: the header Idempotency-Key, or a fresh one.</summary>
    public static string OperationId(HttpContext context)
    {
        var header = context.Request.Headers["Idempotency-Key"].ToString();
        return header.Length == 0 ? Guid.NewGuid().ToString("N") : Identifiers.RequireOperation(header);
    }

    /// <summary>
    /// The tag that the write expects: If-Match, or "never written" for If-None-Match: *; null for any.
    /// </summary>
    public static string? ExpectedETag(HttpContext context)
    {
        if (context.Request.Headers.IfNoneMatch.ToString() == "*")
            return "0";
        var header = context.Request.Headers.IfMatch.ToString();
        if (header.Length == 0 || header == "*")
            return null;
        return header.Length > 2 && header[0] == '"' && header[^1] == '"' && !header[1..^1].Contains('"')
            ? header[1..^1]
            : throw ApiException.BadRequest(
                "If-Match takes one tag as the ETag header gave it, in double quotes.", "invalid_if_match", "If-Match");
    }

    /// <summary>Sends a tag.</summary>
    public static void SetETag(HttpContext context, string tag) => context.Response.Headers.ETag = $"\"{tag}\"";
}
