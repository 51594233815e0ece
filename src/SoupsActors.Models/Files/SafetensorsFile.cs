using System.Diagnostics.CodeAnalysis;
using System.IO.MemoryMappedFiles;

namespace SoupsActors.Models.Files;

/// <summary>
/// A safetensors file, memory-mapped and checked in full when opened. Reads may run in parallel with each other and
/// with
/// <see cref="Dispose"/>.
/// </summary>
/// <remarks>
/// Replace a file by writing another and renaming it, as <see cref="SafetensorsWriter"/> does: shortening a mapped file
/// in place takes the process down on every operating system.
/// </remarks>
public sealed class SafetensorsFile : ITensorSource
{
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly SafetensorsHeader header;
    private readonly long dataStart;

    private SafetensorsFile(
        string path, MemoryMappedFile map, MemoryMappedViewAccessor view, SafetensorsHeader header, long dataStart)
    {
        Path = path;
        this.map = map;
        this.view = view;
        this.header = header;
        this.dataStart = dataStart;
        Tensors = [.. header.Tensors.Values.OrderBy(t => t.Begin).ThenBy(t => t.End)];
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <summary>All tensors, in the order of their bytes.</summary>
    public IReadOnlyCollection<SafetensorsTensor> Tensors { get; }

    /// <summary>The text pairs under <c>__metadata__</c>; empty where there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    /// <summary>Maps and checks a file.</summary>
    /// <exception cref="ModelFormatException">The file breaks the format in any way.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var stream = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        try
        {
            return Open(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Finds a tensor by name.</summary>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out SafetensorsTensor? tensor) =>
        header.Tensors.TryGetValue(name, out tensor);

    /// <summary>Reads a tensor as 32-bit floats, row-major.</summary>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    /// <exception cref="ModelFormatException">It is not F32, F16 or BF16, or has 2^31 elements or more.</exception>
    public float[] ReadFloat32(string name)
    {
        var tensor = Find(name);
        if (tensor.ElementCount > Array.MaxLength)
        {
            throw new ModelFormatException(
                Path, $"tensor '{name}' has {tensor.ElementCount} elements, too many for one array.");
        }

        var values = new float[tensor.ElementCount];
        ReadFloat32(tensor, 0, values);
        return values;
    }

    /// <summary>Reads a tensor as 32-bit floats, row-major, into memory of exactly its size.</summary>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> has another length.</exception>
    /// <exception cref="ModelFormatException">It is not F32, F16 or BF16.</exception>
    public void ReadFloat32(string name, Span<float> destination)
    {
        var tensor = Find(name);
        if (tensor.ElementCount != destination.Length)
        {
            throw new ArgumentException(
                $"Tensor '{name}' has {tensor.ElementCount} elements, the destination {destination.Length}.",
                nameof(destination));
        }

        ReadFloat32(tensor, 0, destination);
    }

    void ITensorSource.ReadFloat32(SafetensorsTensor tensor, long start, Span<float> destination) =>
        ReadFloat32(tensor, start, destination);

    /// <inheritdoc/>
    public void Dispose()
    {
        view.Dispose();
        map.Dispose();
    }

    private static SafetensorsFile Open(string path, FileStream stream)
    {
        var fileBytes = stream.Length;
        var prefix = new byte[Math.Min(fileBytes, SafetensorsHeader.PrefixBytes)];
        stream.ReadExactly(prefix);
        var json = new byte[SafetensorsHeader.ReadLength(path, prefix, fileBytes)];
        stream.ReadExactly(json);
        var start = SafetensorsHeader.PrefixBytes + json.LongLength;
        var parsed = SafetensorsHeader.Parse(path, json, fileBytes - start);

        var mapped = MemoryMappedFile.CreateFromFile(
            stream,
            mapName: null,
            capacity: 0,
            MemoryMappedFileAccess.Read,
            HandleInheritability.None,
            leaveOpen: false);
        try
        {
            var accessor = mapped.CreateViewAccessor(0, fileBytes, MemoryMappedFileAccess.Read);
            return new SafetensorsFile(path, mapped, accessor, parsed, start);
        }
        catch
        {
            mapped.Dispose();
            throw;
        }
    }

    private SafetensorsTensor Find(string name) =>
        header.Tensors.TryGetValue(name, out var tensor)
            ? tensor
            : throw new KeyNotFoundException($"{Path} has no tensor '{name}'.");

    private unsafe void ReadFloat32(SafetensorsTensor tensor, long start, Span<float> destination)
    {
        if (!tensor.Type.IsWeight())
        {
            throw new ModelFormatException(
                Path,
                $"stores tensor '{tensor.Name}' as {tensor.Type.FileName()}, which cannot be used as weights; "
                + "save the model as F32, F16 or BF16.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, tensor.ElementCount - destination.Length);
        var width = tensor.Type.Bits() / 8;

        // Acquiring the pointer counts a reference, so that a Dispose meanwhile unmaps only after this read.
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        try
        {
            pointer += view.PointerOffset + dataStart + tensor.Begin + (start * width);
            FloatConversion.ToFloat32(tensor.Type, pointer, destination);
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }
}
