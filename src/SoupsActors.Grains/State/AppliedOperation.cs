using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SoupsActors.Grains.State;

/// <summary>A write that was applied: its operation id and a fingerprint of what it wrote.</summary>
[GenerateSerializer, Immutable]
internal sealed record AppliedOperation([property: Id(0)] string Id, [property: Id(1)] string Fingerprint)
{
    /// <summary>A fingerprint of a write's content, so that one id cannot stand for two different writes.</summary>
    public static string FingerprintOf<T>(string verb, T content) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(verb + "\n" + JsonSerializer.Serialize(content)))[..8]);
}

/// <summary>The last writes of a grain; they are stored with its state, in the same transaction.</summary>
internal static class AppliedOperations
{
    /// <summary>Whether the write was applied before.</summary>
    /// <exception cref="SoupsException">Its id belongs to a write with another content.</exception>
    public static bool Holds(this AppliedOperation[] applied, AppliedOperation operation)
    {
        var known = Array.Find(applied, o => o.Id == operation.Id);
        if (known is null)
            return false;
        return known.Fingerprint == operation.Fingerprint
            ? true
            : throw SoupsException.Conflict(
                "This operation id was used for another write. Use a new id for each new write.",
                "operation_id_reused",
                "Idempotency-Key");
    }

    /// <summary>The list with one more write, the oldest dropped beyond the limit.</summary>
    public static AppliedOperation[] With(this AppliedOperation[] applied, AppliedOperation operation) =>
        [.. applied.TakeLast(SoupsLimits.RememberedOperations - 1), operation];
}
