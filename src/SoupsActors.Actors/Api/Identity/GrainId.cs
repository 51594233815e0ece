using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Orleans.Runtime;

/// <summary>The identity of a grain: its type and its key, written <c>type/key</c>.</summary>
[Immutable]
public readonly struct GrainId : IEquatable<GrainId>, IComparable<GrainId>, ISpanParsable<GrainId>
{
    private readonly GrainType type;
    private readonly IdSpan key;

    /// <summary>The grain of a type with a key.</summary>
    public GrainId(GrainType type, IdSpan key)
    {
        this.type = type;
        this.key = key;
    }

    /// <summary>The grain's type.</summary>
    public GrainType Type => type;

    /// <summary>The grain's key.</summary>
    public IdSpan Key => key;

    /// <summary>Whether this names no grain.</summary>
    public bool IsDefault => type.IsDefault && key.IsDefault;

    /// <summary>The grain of a type with a key.</summary>
    public static GrainId Create(string type, string key) => Create(GrainType.Create(type), key);

    /// <summary>The grain of a type with a key.</summary>
    public static GrainId Create(GrainType type, string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return new GrainId(type, IdSpan.Create(key));
    }

    /// <summary>The grain of a type with a key.</summary>
    public static GrainId Create(GrainType type, IdSpan key) => new(type, key);

    /// <summary>Reads <c>type/key</c>; the key may contain further slashes.</summary>
    /// <exception cref="ArgumentException">There is no slash.</exception>
    public static GrainId Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var result)
            ? result
            : throw new ArgumentException($"\"{s}\" is not a grain id; expected type/key.", nameof(s));

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static GrainId Parse(string value) => Parse(value.AsSpan());

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static GrainId Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    /// <summary>Reads <c>type/key</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out GrainId result)
    {
        var slash = s.IndexOf('/');
        result = slash < 0 ? default : new GrainId(new GrainType(Utf8(s[..slash])), new IdSpan(Utf8(s[(slash + 1)..])));
        return slash >= 0;

        static byte[] Utf8(ReadOnlySpan<char> chars)
        {
            var bytes = new byte[Encoding.UTF8.GetByteCount(chars)];
            Encoding.UTF8.GetBytes(chars, bytes);
            return bytes;
        }
    }

    /// <summary>Reads <c>type/key</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, out GrainId result) =>
        TryParse(s.AsSpan(), null, out result);

    /// <summary>Reads <c>type/key</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out GrainId result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc/>
    public bool Equals(GrainId other) => key.Equals(other.key) && type.Equals(other.type);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GrainId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(type, key);

    /// <summary>A hash that is the same in every process.</summary>
    public uint GetUniformHashCode() => unchecked((type.GetUniformHashCode() * 31) + key.GetUniformHashCode());

    /// <inheritdoc/>
    public int CompareTo(GrainId other)
    {
        var byType = type.CompareTo(other.type);
        return byType != 0 ? byType : key.CompareTo(other.key);
    }

    /// <summary><c>type/key</c>.</summary>
    public override string ToString() => $"{type}/{key}";

    /// <summary>Compares type and key.</summary>
    public static bool operator ==(GrainId left, GrainId right) => left.Equals(right);

    /// <summary>Compares type and key.</summary>
    public static bool operator !=(GrainId left, GrainId right) => !left.Equals(right);

    /// <summary>Compares type, then key.</summary>
    public static bool operator <(GrainId left, GrainId right) => left.CompareTo(right) < 0;

    /// <summary>Compares type, then key.</summary>
    public static bool operator >(GrainId left, GrainId right) => left.CompareTo(right) > 0;

    /// <summary>Compares type, then key.</summary>
    public static bool operator <=(GrainId left, GrainId right) => left.CompareTo(right) <= 0;

    /// <summary>Compares type, then key.</summary>
    public static bool operator >=(GrainId left, GrainId right) => left.CompareTo(right) >= 0;
}
