using System.Text;

namespace Orleans.Runtime;

/// <summary>
/// The name of a grain class, as it appears in grain ids and in storage: <c>user</c> for <c>UserGrain</c>.
/// </summary>
public readonly struct GrainType : IEquatable<GrainType>, IComparable<GrainType>
{
    private readonly IdSpan value;

    /// <summary>A grain type of the given name.</summary>
    public GrainType(IdSpan id) => value = id;

    /// <summary>A grain type of the given UTF-8 name.</summary>
    public GrainType(byte[] value) => this.value = new IdSpan(value);

    /// <summary>The name.</summary>
    public IdSpan Value => value;

    /// <summary>Whether this is no grain type.</summary>
    public bool IsDefault => value.IsDefault;

    /// <summary>A grain type of the given name.</summary>
    public static GrainType Create(string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        return new GrainType(Encoding.UTF8.GetBytes(value));
    }

    /// <summary>The name in UTF-8.</summary>
    public ReadOnlySpan<byte> AsSpan() => value.AsSpan();

    /// <inheritdoc/>
    public bool Equals(GrainType other) => value.Equals(other.value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GrainType other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => value.GetHashCode();

    /// <summary>A hash that is the same in every process.</summary>
    public uint GetUniformHashCode() => value.GetUniformHashCode();

    /// <inheritdoc/>
    public int CompareTo(GrainType other) => value.CompareTo(other.value);

    /// <summary>The name.</summary>
    public override string ToString() => value.ToString();

    /// <summary>Compares the names.</summary>
    public static bool operator ==(GrainType left, GrainType right) => left.Equals(right);

    /// <summary>Compares the names.</summary>
    public static bool operator !=(GrainType left, GrainType right) => !left.Equals(right);

    /// <summary>Compares the names.</summary>
    public static bool operator <(GrainType left, GrainType right) => left.CompareTo(right) < 0;

    /// <summary>Compares the names.</summary>
    public static bool operator >(GrainType left, GrainType right) => left.CompareTo(right) > 0;

    /// <summary>Compares the names.</summary>
    public static bool operator <=(GrainType left, GrainType right) => left.CompareTo(right) <= 0;

    /// <summary>Compares the names.</summary>
    public static bool operator >=(GrainType left, GrainType right) => left.CompareTo(right) >= 0;
}
