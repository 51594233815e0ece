using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace SoupsActors.Models.Files;

/// <summary>
/// Parses and checks a safetensors header: 8 bytes of length, then JSON. Everything the format promises is checked
/// before any tensor is touched: types and shapes agree with the byte ranges, and the ranges tile the file without hole
/// or overlap.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>Bytes of the length prefix.</summary>
    public const int PrefixBytes = 8;

    /// <summary>Largest header, as in the format's reference implementation.</summary>
    public const long MaxBytes = 100_000_000;

    // Root object, tensor object, shape array.
    private const int MaxDepth = 3;
    private const int MaxDimensions = 32;

    private readonly string path;
    private readonly Dictionary<string, SafetensorsTensor> tensors = [];
    private readonly Dictionary<string, string> metadata = [];
    private bool hasMetadata;

    private SafetensorsHeader(string path) => this.path = path;

    /// <summary>Tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors => tensors;

    /// <summary>The text pairs under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>Reads the length prefix.</summary>
    /// <param name="path">Named in errors.</param>
    /// <param name="prefix">Up to <see cref="PrefixBytes"/> bytes from the start of the file.</param>
    /// <param name="fileBytes">Size of the file.</param>
    public static int ReadLength(string path, ReadOnlySpan<byte> prefix, long fileBytes)
    {
        if (prefix.Length < PrefixBytes)
            throw Fail(path, $"has {fileBytes} bytes, too short for a safetensors file; fetch it again.");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length < 2)
            throw Fail(path, $"says its header has {length} bytes, but the shortest header is {{}}; fetch it again.");
        if (length > MaxBytes)
        {
            throw Fail(
                path,
                $"says its header has {length} bytes, more than the {MaxBytes} allowed; is it a safetensors file?");
        }

        if ((long)length > fileBytes - PrefixBytes)
        {
            throw Fail(
                path,
                $"says its header has {length} bytes, but the file has {fileBytes}; it is cut off, fetch it again.");
        }

        return (int)length;
    }

    /// <summary>Parses a header and checks it against the bytes that follow it.</summary>
    /// <param name="path">Named in errors.</param>
    /// <param name="json">The header without its length prefix.</param>
    /// <param name="dataBytes">Bytes in the file after the header.</param>
    public static SafetensorsHeader Parse(string path, ReadOnlySpan<byte> json, long dataBytes)
    {
        if (json[0] != (byte)'{')
            throw Fail(path, "has a header that does not start with '{'; it is not a safetensors file.");
        if (!Utf8.IsValid(json))
            throw Fail(path, "has a header that is not valid UTF-8; the file is damaged.");
        var header = new SafetensorsHeader(path);
        try
        {
            header.ReadRoot(json);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The reader reports an escaped lone surrogate as an invalid operation.
            throw Fail(path, $"has a header that is not valid JSON ({error.Message}); the file is damaged.", error);
        }

        header.CheckTiling(dataBytes);
        return header;
    }

    private static ModelFormatException Fail(string path, string problem, Exception? inner = null) =>
        new(path, problem, inner);

    private static bool Expect(ref Utf8JsonReader reader, JsonTokenType token) =>
        reader.Read() && reader.TokenType == token;

    private void ReadRoot(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (name == "__metadata__")
                ReadMetadata(ref reader);
            else if (!tensors.TryAdd(name, ReadTensor(ref reader, name)))
                throw Fail(path, $"lists tensor '{name}' twice; the file is damaged.");
        }

        // The reader itself refuses anything but white space after the closing brace.
        reader.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (hasMetadata)
            throw Fail(path, "has __metadata__ twice; the file is damaged.");
        hasMetadata = true;
        if (!Expect(ref reader, JsonTokenType.StartObject))
            throw Fail(path, "has a __metadata__ that is not an object of texts.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            if (!Expect(ref reader, JsonTokenType.String))
                throw Fail(path, $"has a value under __metadata__.{key} that is not a text.");
            if (!metadata.TryAdd(key, reader.GetString()!))
                throw Fail(path, $"has __metadata__.{key} twice; the file is damaged.");
        }
    }

    private SafetensorsTensor ReadTensor(ref Utf8JsonReader reader, string name)
    {
        if (!Expect(ref reader, JsonTokenType.StartObject))
            throw Fail(path, $"describes tensor '{name}' by something that is not an object.");
        SafetensorsType? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("dtype"u8) && type is null)
                type = ReadType(ref reader, name);
            else if (reader.ValueTextEquals("shape"u8) && shape is null)
                shape = ReadNumbers(ref reader, name, "shape");
            else if (reader.ValueTextEquals("data_offsets"u8) && offsets is null)
                offsets = ReadNumbers(ref reader, name, "data_offsets");
            else
                throw Fail(
                    path, $"describes tensor '{name}' with '{reader.GetString()}', which is unknown or there twice.");
        }

        if (type is null || shape is null || offsets is not { Length: 2 })
            throw Fail(path, $"does not give tensor '{name}' a dtype, a shape and two data_offsets.");
        return CheckSpan(name, type.Value, shape, offsets[0], offsets[1]);
    }

    private SafetensorsType ReadType(ref Utf8JsonReader reader, string name)
    {
        if (!Expect(ref reader, JsonTokenType.String))
            throw Fail(path, $"gives tensor '{name}' a dtype that is not a text.");
        var text = reader.GetString()!;
        return SafetensorsTypes.TryParse(text, out var type)
            ? type
            : throw Fail(
                path, $"stores tensor '{name}' as '{text}', an unknown dtype; save the model as F32, F16 or BF16.");
    }

    private long[] ReadNumbers(ref Utf8JsonReader reader, string name, string key)
    {
        if (!Expect(ref reader, JsonTokenType.StartArray))
            throw Fail(path, $"gives tensor '{name}' a {key} that is not an array.");
        var numbers = new List<long>(4);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
                throw Fail(path, $"gives tensor '{name}' a {key} with something other than integers from 0 to 2^63-1.");
            if (numbers.Count == MaxDimensions)
                throw Fail(path, $"gives tensor '{name}' a {key} of more than {MaxDimensions} numbers.");
            numbers.Add(number);
        }

        return [.. numbers];
    }

    private SafetensorsTensor CheckSpan(string name, SafetensorsType type, long[] shape, long begin, long end)
    {
        if (begin > end)
            throw Fail(path, $"places tensor '{name}' at bytes {begin} to {end}, which is backwards.");
        Int128 count = 1;
        foreach (var size in shape)
        {
            count *= size;
            if (count > long.MaxValue)
                throw Fail(path, $"gives tensor '{name}' a shape whose product does not fit 63 bits.");
        }

        var bits = count * type.Bits();
        if (bits % 8 != 0)
        {
            throw Fail(
                path, $"stores tensor '{name}' as {type.FileName()} in a number of bits that fills no whole bytes.");
        }

        var tensor = new SafetensorsTensor(name, type, shape, (long)count, begin, end);
        if (bits / 8 != end - begin)
        {
            throw Fail(
                path,
                $"gives tensor '{name}' {end - begin} bytes, but {type.FileName()} of shape {tensor.ShapeText} "
                + $"needs {bits / 8}.");
        }

        return tensor;
    }

    private void CheckTiling(long dataBytes)
    {
        var ordered = tensors.Values.ToArray();
        Array.Sort(ordered, static (a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        long position = 0;
        foreach (var tensor in ordered)
        {
            if (tensor.Begin != position)
            {
                var what = tensor.Begin < position ? "overlaps the tensor before it" : "leaves a hole before it";
                throw Fail(
                    path, $"places tensor '{tensor.Name}' at byte {tensor.Begin}, which {what}; the file is damaged.");
            }

            position = tensor.End;
        }

        if (position != dataBytes)
        {
            var what = position > dataBytes ? "it is cut off, fetch it again" : "it has bytes that no tensor owns";
            throw Fail(path, $"lists {position} bytes of tensors, but holds {dataBytes}: {what}.");
        }
    }
}
