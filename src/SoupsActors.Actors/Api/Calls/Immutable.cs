namespace Orleans.Concurrency;

/// <summary>A value that is handed over without a copy: neither side changes it any more.</summary>
[GenerateSerializer]
[Immutable]
public readonly struct Immutable<T>(T value)
{
    /// <summary>The value.</summary>
    [Id(0)]
    public readonly T Value = value;
}

/// <summary>Wraps values in <see cref="Immutable{T}"/>.</summary>
public static class ImmutableExtensions
{
    /// <summary>Promises that the value will not be changed.</summary>
    public static Immutable<T> AsImmutable<T>(this T value) => new(value);
}
