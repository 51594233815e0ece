namespace SoupsActors.Dashboard.Hosting;

/// <summary>Who may use the dashboard; the host decides.</summary>
public interface IOperatorAccess
{
    /// <summary>Whether a key is asked for at all.</summary>
    bool IsRequired { get; }

    /// <summary>Signs the browser in where the key is right.</summary>
    /// <param name="context">The request, whose response gets the cookie.</param>
    /// <param name="key">What was typed.</param>
    /// <returns>Whether the key is right.</returns>
    bool SignIn(HttpContext context, string key);

    /// <summary>Signs the browser out.</summary>
    void SignOut(HttpContext context);
}
