using System.Diagnostics.CodeAnalysis;

namespace SoupsActors.Models.Files;

/// <summary>One tensor listed in a safetensors header.</summary>
/// <param name="Name">Name, unique in the file.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions, outermost first; empty for a scalar, any of them may be zero.</param>
/// <param name="ElementCount">Product of the shape; 1 for a scalar.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">Byte after the last, counted from the end of the header.</param>
public sealed record SafetensorsTensor(
    string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long ElementCount, long Begin, long End)
{
    /// <summary>The shape as people write it, such as [2048, 128].</summary>
    internal string ShapeText => "[" + string.Join(", ", Shape) + "]";
}

/// <summary>Tensors by name, whether from one file, several, or memory.</summary>
internal interface ITensorSource : IDisposable
{
    /// <summary>What to call the source in an error message.</summary>
    string Path { get; }

    /// <summary>All tensors, in no particular order.</summary>
    IReadOnlyCollection<SafetensorsTensor> Tensors { get; }

    /// <summary>Finds a tensor.</summary>
    bool TryGetTensor(string name, [NotNullWhen(true)] out SafetensorsTensor? tensor);

    /// <summary>
    /// Reads elements <paramref name="start"/> and on, as many as <paramref name="destination"/> holds.
    /// </summary>
    void ReadFloat32(SafetensorsTensor tensor, long start, Span<float> destination);
}
