using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace SoupsActors.Models.Files;

/// <summary>
/// SHA-256 over framed fields. Every text and every block of values carries its length in front, so that different
/// contents never run together into the same bytes.
/// </summary>
internal sealed class ContentHash : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public ContentHash(string purpose) => Add(purpose);

    public void Add(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Add(bytes.LongLength);
        hash.AppendData(bytes);
    }

    public void Add(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }

    public void Add(double number) => Add(BitConverter.DoubleToInt64Bits(number));

    public void Add(IReadOnlyList<long> shape)
    {
        Add((long)shape.Count);
        foreach (var size in shape)
            Add(size);
    }

    /// <summary>Adds values without a length; the caller has added their count or shape before.</summary>
    public void AddValues(ReadOnlySpan<float> values) => hash.AppendData(MemoryMarshal.AsBytes(values));

    /// <summary>The hash in lower-case hexadecimal.</summary>
    public string Finish() => Convert.ToHexStringLower(hash.GetHashAndReset());

    public void Dispose() => hash.Dispose();
}
