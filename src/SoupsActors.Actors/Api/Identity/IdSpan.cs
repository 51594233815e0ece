using System.Text;

namespace Orleans.Runtime;

/// <summary>An immutable run of UTF-8 bytes with its hash: the key of a grain, or the name of a grain type.</summary>
public readonly struct IdSpan : IEquatable<IdSpan>, IComparable<IdSpan>
{
    private readonly byte[]? bytes;
    private readonly int hash;

    /// <summary>Wraps the bytes without copying them; the caller must not change them afterwards.</summary>
    public IdSpan(byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        bytes = value;
        hash = StableHash(value);
    }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Value => bytes;

    /// <summary>Whether there are no bytes.</summary>
    public bool IsDefault => bytes is null || bytes.Length == 0;

    /// <summary>The UTF-8 bytes of a string.</summary>
    public static IdSpan Create(string id) => new(Encoding.UTF8.GetBytes(id));

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> AsSpan() => bytes;

    /// <inheritdoc/>
    public bool Equals(IdSpan other) =>
        ReferenceEquals(bytes, other.bytes) || (hash == other.hash && AsSpan().SequenceEqual(other.AsSpan()));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IdSpan other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => hash;

    /// <summary>A hash that is the same in every process.</summary>
    public uint GetUniformHashCode() => unchecked((uint)hash);

    /// <inheritdoc/>
    public int CompareTo(IdSpan other) => AsSpan().SequenceCompareTo(other.AsSpan());

    /// <summary>The bytes decoded as UTF-8.</summary>
    public override string ToString() => Encoding.UTF8.GetString(AsSpan());

    /// <summary>Compares the bytes.</summary>
    public static bool operator ==(IdSpan left, IdSpan right) => left.Equals(right);

    /// <summary>Compares the bytes.</summary>
    public static bool operator !=(IdSpan left, IdSpan right) => !left.Equals(right);

    /// <summary>Compares the bytes.</summary>
    public static bool operator <(IdSpan left, IdSpan right) => left.CompareTo(right) < 0;

    /// <summary>Compares the bytes.</summary>
    public static bool operator >(IdSpan left, IdSpan right) => left.CompareTo(right) > 0;

    /// <summary>Compares the bytes.</summary>
    public static bool operator <=(IdSpan left, IdSpan right) => left.CompareTo(right) <= 0;

    /// <summary>Compares the bytes.</summary>
    public static bool operator >=(IdSpan left, IdSpan right) => left.CompareTo(right) >= 0;

    // FNV-1a, with the final mixing step of MurmurHash3 because FNV alone leaves the high bits of short keys alike.
    private static int StableHash(ReadOnlySpan<byte> value)
    {
        unchecked
        {
            var h = 2166136261u;
            foreach (var b in value)
                h = (h ^ b) * 16777619u;
            h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
            h = (h ^ (h >> 13)) * 0xC2B2AE35u;
            return (int)(h ^ (h >> 16));
        }
    }
}
