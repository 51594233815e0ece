using System.Diagnostics.CodeAnalysis;

namespace SoupsActors.Models.Files;

/// <summary>Tensors that are in memory already.</summary>
internal sealed class MemoryTensors : ITensorSource
{
    private readonly Dictionary<string, (SafetensorsTensor Tensor, float[] Values)> tensors = [];

    /// <summary>Gives every array the shape that the model expects of its name.</summary>
    /// <exception cref="ArgumentException">
    /// A tensor is not part of the model, or has another number of elements.
    /// </exception>
    public MemoryTensors(
        IReadOnlyDictionary<string, float[]> values, IReadOnlyDictionary<string, long[]> expected)
    {
        foreach (var (name, array) in values)
        {
            if (!expected.TryGetValue(name, out var shape))
                throw new ArgumentException($"Tensor '{name}' is not part of the model.", nameof(values));
            var count = shape.Aggregate(1L, (a, b) => a * b);
            if (count != array.LongLength)
            {
                throw new ArgumentException(
                    $"Tensor '{name}' has {array.LongLength} values instead of {count}.", nameof(values));
            }

            tensors.Add(
                name,
                (new SafetensorsTensor(name, SafetensorsType.F32, shape, count, 0, count * sizeof(float)), array));
        }
    }

    /// <inheritdoc/>
    public string Path => "the model in memory";

    /// <inheritdoc/>
    public IReadOnlyCollection<SafetensorsTensor> Tensors => [.. tensors.Values.Select(t => t.Tensor)];

    /// <inheritdoc/>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out SafetensorsTensor? tensor)
    {
        var found = tensors.TryGetValue(name, out var entry);
        tensor = entry.Tensor;
        return found;
    }

    /// <inheritdoc/>
    public void ReadFloat32(SafetensorsTensor tensor, long start, Span<float> destination) =>
        tensors[tensor.Name].Values.AsSpan((int)start, destination.Length).CopyTo(destination);

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held that the garbage collector does not free.
    }
}
