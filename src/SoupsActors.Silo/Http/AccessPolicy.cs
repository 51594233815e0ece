using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using SoupsActors.Silo.Hosting;

namespace SoupsActors.Silo.Http;

/// <summary>Who may use a route. Every route carries one; a route without one is refused when a key is set.</summary>
internal enum AccessPolicy
{
    /// <summary>Anyone: what tells nothing about users and changes nothing.</summary>
    Open,

    /// <summary>Holders of the key, where one is set.</summary>
    Key,
}

/// <summary>Asks for the API key where one is set.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, IOptions<SoupsOptions> options)
{
    private readonly byte[]? keyHash = string.IsNullOrEmpty(options.Value.ApiKey) ? null : Hash(options.Value.ApiKey);

    public Task InvokeAsync(HttpContext context)
    {
        var open = context.GetEndpoint()?.Metadata.GetMetadata<AccessPolicyMetadata>()?.Policy == AccessPolicy.Open;
        if (keyHash is null || open || HoldsKey(context.Request.Headers.Authorization.ToString()))
            return next(context);
        return ErrorMiddleware.WriteAsync(context, new ApiException(
            StatusCodes.Status401Unauthorized,
            "The API key is missing or wrong. Send it as `Authorization: Bearer <key>`.",
            "invalid_api_key"));
    }

    // Hashes have one length whatever was sent, so that the comparison tells nothing by its time.
    private bool HoldsKey(string header) =>
        header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Hash(header["Bearer ".Length..].Trim()), keyHash);

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}

/// <summary>A route's policy as endpoint metadata.</summary>
internal sealed record AccessPolicyMetadata(AccessPolicy Policy);

/// <summary>Puts a policy on routes.</summary>
internal static class AccessPolicyConventions
{
    public static T WithAccess<T>(this T builder, AccessPolicy policy)
        where T : IEndpointConventionBuilder
    {
        builder.WithMetadata(new AccessPolicyMetadata(policy));
        return builder;
    }
}
