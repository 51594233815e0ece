using System.Diagnostics.CodeAnalysis;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Experts;

/// <summary>
/// The mix as plain mathematics: W + ΔW, summed in double precision and rounded once. It defines what every faster way
/// to apply a mix must equal, and is what an exported model holds.
/// </summary>
public static class DenseMerge
{
    /// <summary>
    /// A mix's change of one linear layer, outputs × inputs, row-major; null where it changes nothing there.
    /// </summary>
    /// <exception cref="ExpertMismatchException">See <see cref="MixRules.Check"/>.</exception>
    public static double[]? Delta(Mix mix, IEnumerable<Expert> experts, int layer, TargetModule module)
    {
        var found = MixRules.Check(mix, experts);
        return StackedFactors.Build(mix.Mode, found)
            .FirstOrDefault(s => s.Layer == layer && s.Module == module)?.Dense();
    }

    /// <summary>
    /// The model that a mix stands for. Layers are merged when read; the base must outlive the result.
    /// </summary>
    /// <exception cref="ExpertMismatchException">
    /// See <see cref="MixRules.Check"/>; or an expert does not fit the model's shape.
    /// </exception>
    public static ModelWeights Merge(
        ModelWeights baseModel, Mix mix, IEnumerable<Expert> experts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(baseModel);
        var found = MixRules.Check(mix, experts, baseModel.BaseHash);
        var deltas = new Dictionary<string, StackedFactors>();
        foreach (var stacked in StackedFactors.Build(mix.Mode, found))
        {
            var name = ModelTensors.Weight(stacked.Layer, stacked.Module);
            if (!baseModel.Tensors.TryGetValue(name, out var shape)
                || !shape.SequenceEqual(
                [stacked.Outputs, stacked.Inputs]))
            {
                throw new ExpertMismatchException(
                    $"An expert changes {name} as {stacked.Outputs} × {stacked.Inputs}, "
                    + "which the model does not have.");
            }

            deltas.Add(name, stacked);
        }

        return baseModel.With(new MergedTensors(baseModel, deltas), cancellationToken);
    }

    private sealed class MergedTensors(ModelWeights baseModel, Dictionary<string, StackedFactors> deltas)
        : ITensorSource
    {
        private readonly Lock gate = new();

        // Reads come in chunks of one tensor after another; the last one merged is kept for the next chunk.
        private (string Name, float[] Values) last = ("", []);

        public string Path => "the merged model";

        public IReadOnlyCollection<SafetensorsTensor> Tensors =>
            [.. baseModel.Tensors.Select(t => Describe(t.Key, t.Value))];

        public bool TryGetTensor(string name, [NotNullWhen(true)] out SafetensorsTensor? tensor)
        {
            tensor = baseModel.Tensors.TryGetValue(name, out var shape) ? Describe(name, shape) : null;
            return tensor is not null;
        }

        public void ReadFloat32(SafetensorsTensor tensor, long start, Span<float> destination)
        {
            if (deltas.TryGetValue(tensor.Name, out var delta))
                Merged(tensor.Name, delta).AsSpan((int)start, destination.Length).CopyTo(destination);
            else
                baseModel.Read(tensor.Name, start, destination);
        }

        public void Dispose()
        {
            // The base belongs to the caller.
        }

        private static SafetensorsTensor Describe(string name, long[] shape)
        {
            var count = shape.Aggregate(1L, (a, b) => a * b);
            return new SafetensorsTensor(name, SafetensorsType.F32, shape, count, 0, count * sizeof(float));
        }

        private float[] Merged(string name, StackedFactors delta)
        {
            lock (gate)
            {
                if (last.Name == name)
                    return last.Values;
                var values = baseModel.Read(name);
                var change = delta.Dense();
                for (var i = 0; i < values.Length; i++)
                    values[i] = (float)(values[i] + change[i]);
                last = (name, values);
                return values;
            }
        }
    }
}
