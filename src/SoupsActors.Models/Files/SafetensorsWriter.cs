using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Text.Json;

namespace SoupsActors.Models.Files;

/// <summary>
/// A tensor to write: its values are asked for when its turn comes, so that a model need not be in memory twice.
/// </summary>
/// <param name="Name">Name, unique in the file.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="Values">Gives the values, row-major; as many as the product of the shape.</param>
/// <param name="Type">F32, F16 or BF16.</param>
public sealed record TensorToWrite(
    string Name,
    IReadOnlyList<long> Shape,
    Func<ReadOnlyMemory<float>> Values,
    SafetensorsType Type = SafetensorsType.F32)
{
    /// <summary>A tensor whose values are at hand.</summary>
    public TensorToWrite(
        string name,
        IReadOnlyList<long> shape,
        ReadOnlyMemory<float> values,
        SafetensorsType type = SafetensorsType.F32)
        : this(name, shape, () => values, type)
    {
    }
}

/// <summary>
/// Writes safetensors files. The same tensors and metadata give the same bytes, in whatever order they come.
/// </summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;
    private const int Chunk = 16384;

    /// <summary>
    /// Writes a file atomically: a temporary file, flushed to disk, then renamed over <paramref name="path"/>.
    /// </summary>
    /// <param name="path">File to write or replace; its folder is made where missing.</param>
    /// <param name="tensors">Tensors with unique names.</param>
    /// <param name="metadata">Text pairs for <c>__metadata__</c>.</param>
    /// <exception cref="ArgumentException">
    /// Two tensors share a name, a name is reserved, a shape and its values disagree, or a value does not fit F16.
    /// </exception>
    public static void Write(
        string path, IEnumerable<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);

        // Wide elements first keeps every tensor aligned to its element size without holes.
        var ordered = tensors.OrderByDescending(t => t.Type.Bits())
            .ThenBy(t => t.Name, StringComparer.Ordinal)
            .ToArray();
        CheckNames(ordered);
        var header = BuildHeader(ordered, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
            stream.Write(prefix);
            stream.Write(header);
            foreach (var tensor in ordered)
                WriteValues(stream, tensor);
        });
    }

    private static void CheckNames(TensorToWrite[] tensors)
    {
        var names = new HashSet<string>();
        foreach (var tensor in tensors)
        {
            if (tensor.Name == "__metadata__" || !names.Add(tensor.Name))
            {
                throw new ArgumentException(
                    $"Tensor name '{tensor.Name}' is reserved or there twice.", nameof(tensors));
            }

            if (!tensor.Type.IsWeight())
            {
                throw new ArgumentException(
                    $"Tensor '{tensor.Name}' is to be {tensor.Type}; choose F32, F16 or BF16.", nameof(tensors));
            }

            if (tensor.Shape.Any(size => size < 0))
                throw new ArgumentException($"Tensor '{tensor.Name}' has a negative dimension.", nameof(tensors));
        }
    }

    private static long Count(TensorToWrite tensor) =>
        tensor.Shape.Aggregate(
        1L, (product, size) => checked(product * size));

    private static byte[] BuildHeader(TensorToWrite[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            long position = 0;
            foreach (var tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Type.FileName());
                json.WriteStartArray("shape");
                foreach (var size in tensor.Shape)
                    json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(position);
                position = checked(position + (Count(tensor) * (tensor.Type.Bits() / 8)));
                json.WriteNumberValue(position);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (buffer.Length % Alignment != 0)
            buffer.WriteByte((byte)' ');
        return buffer.Length <= SafetensorsHeader.MaxBytes
            ? buffer.ToArray()
            : throw new ArgumentException("Names and shapes of the tensors do not fit a header; write several files.");
    }

    private static void WriteValues(Stream stream, TensorToWrite tensor)
    {
        var values = tensor.Values().Span;
        if (values.Length != Count(tensor))
        {
            throw new ArgumentException(
                $"Tensor '{tensor.Name}' has {values.Length} values for [{string.Join(", ", tensor.Shape)}].");
        }

        var bytes = new byte[Chunk * (tensor.Type.Bits() / 8)];
        for (var start = 0; start < values.Length; start += Chunk)
        {
            var part = values.Slice(start, Math.Min(Chunk, values.Length - start));
            if (tensor.Type == SafetensorsType.F16
                && MathF.Abs(TensorPrimitives.MaxMagnitude(part)) > (float)Half.MaxValue)
            {
                throw new ArgumentException(
                    $"Tensor '{tensor.Name}' has values beyond 65504, the end of F16; write BF16 or F32.");
            }

            var used = bytes.AsSpan(0, part.Length * (tensor.Type.Bits() / 8));
            FloatConversion.FromFloat32(tensor.Type, part, used);
            stream.Write(used);
        }
    }
}
