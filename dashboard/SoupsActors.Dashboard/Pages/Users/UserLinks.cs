namespace SoupsActors.Dashboard.Pages.Users;

/// <summary>Addresses about users. Ids are any text, so they travel in the query.</summary>
public static class UserLinks
{
    /// <summary>The page of one user.</summary>
    public static string Profile(string user) => "/users/profile?id=" + Uri.EscapeDataString(user);

    /// <summary>The list.</summary>
    public static string List(string? prefix, string? after)
    {
        string[] parts =
        [
            .. string.IsNullOrEmpty(prefix) ? [] : (string[])["prefix=" + Uri.EscapeDataString(prefix)],
            .. string.IsNullOrEmpty(after) ? [] : (string[])["after=" + Uri.EscapeDataString(after)],
        ];
        return parts.Length == 0 ? "/users" : "/users?" + string.Join('&', parts);
    }

    /// <summary>Everything stored about a user, as a file.</summary>
    public static string Export(string user) => $"/v1/users/{Uri.EscapeDataString(user)}/export";

    /// <summary>The playground with this user beside the base model.</summary>
    public static string Playground(string user) =>
        "/playground?column=base&column=" + Uri.EscapeDataString("user:" + user);
}
