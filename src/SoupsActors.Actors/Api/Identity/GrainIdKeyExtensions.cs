using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Orleans.Runtime;

/// <summary>
/// How typed keys are written: an integer in upper-case hexadecimal, a Guid as 32 digits, a key extension after a plus
/// sign.
/// </summary>
public static class GrainIdKeyExtensions
{
    /// <summary>The key of an integer.</summary>
    public static IdSpan CreateIntegerKey(long key)
    {
        Span<byte> digits = stackalloc byte[16];
        Utf8Formatter.TryFormat(key, digits, out var length, 'X');
        return new IdSpan(digits[..length].ToArray());
    }

    /// <summary>The key of an integer with an extension.</summary>
    public static IdSpan CreateIntegerKey(long key, string? keyExtension) =>
        WithExtension(CreateIntegerKey(key), keyExtension);

    /// <summary>The key of a Guid.</summary>
    public static IdSpan CreateGuidKey(Guid key)
    {
        var digits = new byte[32];
        Utf8Formatter.TryFormat(key, digits, out _, 'N');
        return new IdSpan(digits);
    }

    /// <summary>The key of a Guid with an extension.</summary>
    public static IdSpan CreateGuidKey(Guid key, string? keyExtension) =>
        WithExtension(CreateGuidKey(key), keyExtension);

    /// <summary>Reads an integer key.</summary>
    public static bool TryGetIntegerKey(this GrainId grainId, out long key, out string? keyExt)
    {
        Split(grainId, out var number, out keyExt);
        return long.TryParse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out key);
    }

    /// <summary>Reads an integer key.</summary>
    /// <exception cref="ArgumentException">The key is not an integer.</exception>
    public static long GetIntegerKey(this GrainId grainId, out string? keyExt) =>
        TryGetIntegerKey(grainId, out var key, out keyExt)
            ? key
            : throw new ArgumentException($"The key of {grainId} is not an integer.", nameof(grainId));

    /// <summary>Reads an integer key without extension.</summary>
    /// <exception cref="ArgumentException">The key is not an integer.</exception>
    public static long GetIntegerKey(this GrainId grainId) => GetIntegerKey(grainId, out _);

    /// <summary>Reads a Guid key.</summary>
    public static bool TryGetGuidKey(this GrainId grainId, out Guid key, out string? keyExt)
    {
        Split(grainId, out var digits, out keyExt);
        return Guid.TryParseExact(digits, "N", out key);
    }

    /// <summary>Reads a Guid key.</summary>
    /// <exception cref="ArgumentException">The key is not a Guid.</exception>
    public static Guid GetGuidKey(this GrainId grainId, out string? keyExt) =>
        TryGetGuidKey(grainId, out var key, out keyExt)
            ? key
            : throw new ArgumentException($"The key of {grainId} is not a Guid.", nameof(grainId));

    /// <summary>Reads a Guid key without extension.</summary>
    /// <exception cref="ArgumentException">The key is not a Guid.</exception>
    public static Guid GetGuidKey(this GrainId grainId) => GetGuidKey(grainId, out _);

    private static IdSpan WithExtension(IdSpan key, string? extension) =>
        string.IsNullOrWhiteSpace(extension)
            ? key
            : new IdSpan([.. key.AsSpan(), (byte)'+', .. Encoding.UTF8.GetBytes(extension)]);

    private static void Split(GrainId grainId, out string key, out string? extension)
    {
        var text = grainId.Key.ToString();
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        key = plus < 0 ? text : text[..plus];
        extension = plus < 0 ? null : text[(plus + 1)..];
    }
}
