using System.Text.RegularExpressions;

namespace SoupsActors;

/// <summary>Which texts may name a user, an expert or an operation.</summary>
public static partial class Identifiers
{
    /// <summary>Checks a user id: any Unicode text of 1 to 256 characters without control characters.</summary>
    /// <exception cref="SoupsException">The text is not a user id.</exception>
    public static string RequireUser(string? id, string param = "user")
    {
        if (string.IsNullOrWhiteSpace(id))
        {
            throw Invalid(
                "The user id is empty. Send 1 to 256 characters, not all of them spaces.", "invalid_user", param);
        }

        if (id.Length > SoupsLimits.MaxUserIdLength)
        {
            throw Invalid(
                $"The user id has {id.Length} characters; at most {SoupsLimits.MaxUserIdLength} are allowed.",
                "invalid_user",
                param);
        }

        if (!IsPlainText(id))
        {
            throw Invalid(
                "The user id contains control characters or broken Unicode. Send printable characters only.",
                "invalid_user",
                param);
        }

        return id;
    }

    /// <summary>Whether the text is an expert id: letters, digits, dot, dash, underscore; 1 to 64 characters.</summary>
    public static bool IsExpert(string? id) => id is not null && ExpertPattern().IsMatch(id);

    /// <summary>Checks an expert id.</summary>
    /// <exception cref="SoupsException">The text is not an expert id.</exception>
    public static string RequireExpert(string? id, string param = "id") =>
        IsExpert(id)
            ? id!
            : throw Invalid(
                "An expert id has 1 to 64 letters, digits, dots, dashes or underscores; a letter or digit comes first.",
                "invalid_expert_id",
                param);

    /// <summary>Checks an operation id: 1 to 128 characters without control characters.</summary>
    /// <exception cref="SoupsException">The text is not an operation id.</exception>
    public static string RequireOperation(string? id, string param = "Idempotency-Key") =>
        !string.IsNullOrEmpty(id) && id.Length <= SoupsLimits.MaxOperationIdLength && IsPlainText(id)
            ? id
            : throw Invalid(
                $"An operation id has 1 to {SoupsLimits.MaxOperationIdLength} printable characters; a UUID will do.",
                "invalid_operation_id",
                param);

    /// <summary>Checks an interaction id: 1 to 128 characters without control characters.</summary>
    /// <exception cref="SoupsException">The text is not an interaction id.</exception>
    public static string RequireInteraction(string? id, string param = "interaction") =>
        !string.IsNullOrEmpty(id) && id.Length <= SoupsLimits.MaxOperationIdLength && IsPlainText(id)
            ? id
            : throw Invalid(
                $"An interaction id has 1 to {SoupsLimits.MaxOperationIdLength} printable characters, as the answer's id.",
                "invalid_interaction",
                param);

    private static bool IsPlainText(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]))
                return false;
            if (char.IsSurrogate(text[i]))
            {
                if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                    return false;
                i++;
            }
        }

        return true;
    }

    private static SoupsException Invalid(string message, string code, string param) =>
        SoupsException.Invalid(message, code, param);

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ExpertPattern();
}
