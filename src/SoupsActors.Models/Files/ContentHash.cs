using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace SoupsActors.Models.Files;

/// <summary>
/// SHA-256 over framed fields. Every text and every block of values carries its length in front, so that different
/// contents never run together into the same bytes.
/// </summary>
public sealed class ContentHash : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Starts a hash.</summary>
    /// <param name="purpose">Names kind and version of the content, so that two kinds never share a hash.</param>
    public ContentHash(string purpose) => Add(purpose);

    /// <summary>Adds a text with its length.</summary>
    public void Add(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = Encoding.UTF8.GetBytes(text);
        Add(bytes.LongLength);
        hash.AppendData(bytes);
    }

    /// <summary>Adds a whole number.</summary>
    public void Add(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }

    /// <summary>Adds the bits of a number.</summary>
    public void Add(double number) => Add(BitConverter.DoubleToInt64Bits(number));

    /// <summary>Adds a shape with its number of dimensions.</summary>
    public void Add(IReadOnlyList<long> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Add((long)shape.Count);
        foreach (var size in shape)
            Add(size);
    }

    /// <summary>Adds values without a length; the caller has added their count or shape before.</summary>
    public void AddValues(ReadOnlySpan<float> values) => hash.AppendData(MemoryMarshal.AsBytes(values));

    /// <summary>The hash in lower-case hexadecimal.</summary>
    public string Finish() => Convert.ToHexStringLower(hash.GetHashAndReset());

    /// <inheritdoc/>
    public void Dispose() => hash.Dispose();
}
