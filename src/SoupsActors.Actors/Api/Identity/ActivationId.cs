namespace Orleans.Runtime;

/// <summary>Names one activation of a grain; each time a grain comes to life it has a new one.</summary>
public readonly struct ActivationId(Guid key) : IEquatable<ActivationId>
{
    private readonly Guid key = key;

    /// <summary>Whether this names no activation.</summary>
    public bool IsDefault => key == default;

    /// <summary>A new id.</summary>
    public static ActivationId NewId() => new(Guid.NewGuid());

    /// <inheritdoc/>
    public bool Equals(ActivationId other) => key == other.key;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ActivationId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => key.GetHashCode();

    /// <summary>The id after an at sign.</summary>
    public override string ToString() => $"@{key:N}";

    /// <summary>Compares the ids.</summary>
    public static bool operator ==(ActivationId left, ActivationId right) => left.Equals(right);

    /// <summary>Compares the ids.</summary>
    public static bool operator !=(ActivationId left, ActivationId right) => !left.Equals(right);
}
