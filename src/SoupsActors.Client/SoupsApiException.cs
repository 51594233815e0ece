using System.Net;

namespace SoupsActors.Client;

/// <summary>A refusal of the silo; the message says what to do.</summary>
public sealed class SoupsApiException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SoupsApiException(
        HttpStatusCode status, string message, string? code = null, string? param = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Status = status;
        Code = code;
        Param = param;
    }

    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>A stable word for programs, such as <c>unknown_expert</c>.</summary>
    public string? Code { get; }

    /// <summary>The field at fault, where there is one.</summary>
    public string? Param { get; }
}
