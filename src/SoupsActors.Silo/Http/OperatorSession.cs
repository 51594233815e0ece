using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using SoupsActors.Dashboard.Hosting;
using SoupsActors.Silo.Hosting;

namespace SoupsActors.Silo.Http;

/// <summary>
/// Who holds the API key: by the key itself, or by a cookie that only a holder can have got. The cookie is the time of
/// its end, signed with a key made from the API key, so that all silos know it, nothing is stored, and a new API key
/// ends all sessions.
/// </summary>
internal sealed class OperatorSession(IOptions<SoupsOptions> options, TimeProvider clock) : IOperatorAccess
{
    public const string CookieName = "soups-operator";

    private static readonly TimeSpan Length = TimeSpan.FromHours(12);

    private readonly byte[]? keyHash = string.IsNullOrEmpty(options.Value.ApiKey) ? null : Hash(options.Value.ApiKey);

    public bool IsRequired => keyHash is not null;

    /// <summary>Whether this is the key, or none is asked for.</summary>
    public bool IsKey(string key) =>
        // Hashes have one length whatever was sent, so that the comparison tells nothing by its time.
        keyHash is null || CryptographicOperations.FixedTimeEquals(Hash(key), keyHash);

    /// <summary>Whether the request comes from a browser that signed in, or nobody needs to.</summary>
    public bool IsSignedIn(HttpContext context)
    {
        if (keyHash is null)
            return true;
        var parts = (context.Request.Cookies[CookieName] ?? "").Split('.');
        return parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var end)
            && clock.GetUtcNow().ToUnixTimeSeconds() < end
            && CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(Sign(parts[0])), Encoding.UTF8.GetBytes(parts[1]));
    }

    public bool SignIn(HttpContext context, string key)
    {
        if (!IsKey(key.Trim()))
            return false;
        if (keyHash is null)
            return true;
        var end = (clock.GetUtcNow() + Length).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        context.Response.Cookies.Append(CookieName, $"{end}.{Sign(end)}", Options(context));
        return true;
    }

    public void SignOut(HttpContext context) => context.Response.Cookies.Delete(CookieName, Options(context));

    // Sent along with links from elsewhere, for those only read; never with forms or scripts of other sites.
    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        MaxAge = Length,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
    };

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private string Sign(string end) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(keyHash!, Encoding.UTF8.GetBytes("soups dashboard " + end)));
}
