namespace SoupsActors;

/// <summary>What kind of refusal a <see cref="SoupsException"/> is; ways in translate it to their own codes.</summary>
public enum SoupsError
{
    /// <summary>The request itself is wrong; sending it again changes nothing.</summary>
    InvalidRequest,

    /// <summary>What the request names does not exist.</summary>
    NotFound,

    /// <summary>The state changed since the caller read it, or an operation id was used for something else.</summary>
    Conflict,

    /// <summary>The engine has no room at the moment; the same request may succeed later.</summary>
    Busy,

    /// <summary>The model is still loading, or could not be loaded.</summary>
    NotReady,

    /// <summary>Storage cannot be reached at the moment; the same request, with the same operation id, may succeed later.</summary>
    Unavailable,
}

/// <summary>A refusal with a message that says what to do. It crosses grain calls as it was thrown.</summary>
[GenerateSerializer]
public sealed class SoupsException : Exception
{
    /// <summary>Creates a refusal.</summary>
    /// <param name="error">What kind it is.</param>
    /// <param name="message">What is wrong and what to do, in one or two sentences.</param>
    /// <param name="code">A stable word for programs, such as <c>unknown_expert</c>.</param>
    /// <param name="param">The field of the request that is wrong, where there is one.</param>
    public SoupsException(SoupsError error, string message, string code, string? param = null)
        : base(message)
    {
        Error = error;
        Code = code;
        Param = param;
    }

    /// <summary>What kind of refusal this is.</summary>
    [Id(0)]
    public SoupsError Error { get; }

    /// <summary>A stable word for programs.</summary>
    [Id(1)]
    public string Code { get; }

    /// <summary>The field of the request that is wrong, where there is one.</summary>
    [Id(2)]
    public string? Param { get; }

    /// <summary>Whether the same request, with the same operation id, may succeed later or elsewhere.</summary>
    public bool MayPass => Error is SoupsError.Busy or SoupsError.NotReady or SoupsError.Unavailable;

    /// <summary>A request that is wrong.</summary>
    public static SoupsException Invalid(string message, string code, string? param = null) =>
        new(SoupsError.InvalidRequest, message, code, param);

    /// <summary>A request that names something unknown.</summary>
    public static SoupsException NotFound(string message, string code, string? param = null) =>
        new(SoupsError.NotFound, message, code, param);

    /// <summary>A write based on an outdated state.</summary>
    public static SoupsException Conflict(string message, string code, string? param = null) =>
        new(SoupsError.Conflict, message, code, param);
}
