using System.Globalization;
using SoupsActors.Models.Files;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Training;

/// <summary>
/// All state of a training in one safetensors file, replaced atomically: a run that is killed at any moment finds either
/// the old state or the new one, whole.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="fingerprint">Names settings and data; a checkpoint of others is refused, not continued.</param>
public sealed class Checkpoint(string path, string fingerprint)
{
    private const string FingerprintKey = "fingerprint";

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>Writes a state.</summary>
    /// <param name="fill">Adds everything that the run needs to go on to the bit.</param>
    public void Save(Action<CheckpointWriter> fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        var writer = new CheckpointWriter();
        writer.Add(FingerprintKey, fingerprint);
        fill(writer);
        SafetensorsWriter.Write(Path, writer.Tensors, writer.Values);
    }

    /// <summary>Puts the state back where there is one.</summary>
    /// <returns>False where there is no checkpoint.</returns>
    /// <exception cref="InvalidOperationException">The checkpoint was written with other settings.</exception>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    public bool TryRestore(Action<CheckpointReader> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        if (!File.Exists(Path))
            return false;
        using var file = SafetensorsFile.Open(Path);
        if (file.Metadata.GetValueOrDefault(FingerprintKey) != fingerprint)
        {
            throw new InvalidOperationException(
                $"{Path} belongs to a training with other settings. Delete it to start anew, or choose another folder.");
        }

        read(new CheckpointReader(file));
        return true;
    }

    /// <summary>Removes the file where there is one, once its result is stored elsewhere.</summary>
    public void Delete()
    {
        if (File.Exists(Path))
            File.Delete(Path);
    }
}

/// <summary>Collects the state of a checkpoint.</summary>
public sealed class CheckpointWriter
{
    internal List<TensorToWrite> Tensors { get; } = [];

    internal Dictionary<string, string> Values { get; } = [];

    /// <summary>Adds a text.</summary>
    public void Add(string name, string value) => Values.Add(name, value);

    /// <summary>Adds a whole number.</summary>
    public void Add(string name, long value) => Add(name, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Adds a number; it comes back as the same bits.</summary>
    public void Add(string name, double value) => Add(name, BitConverter.DoubleToInt64Bits(value));

    /// <summary>Adds an array.</summary>
    public void Add(string name, float[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Tensors.Add(new TensorToWrite(name, [values.Length], values));
    }

    /// <summary>Adds parameters under a prefix.</summary>
    public void Add(string prefix, IEnumerable<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (var parameter in parameters)
            Add($"{prefix}.{parameter.Name}", parameter.ToArray());
    }

    /// <summary>Adds an optimiser's step and moments under a prefix.</summary>
    public void Add(string prefix, AdamW optimiser)
    {
        ArgumentNullException.ThrowIfNull(optimiser);
        Add(prefix + ".steps", optimiser.StepsTaken);
        foreach (var (name, first, second) in optimiser.SaveMoments())
        {
            Add($"{prefix}.first.{name}", first);
            Add($"{prefix}.second.{name}", second);
        }
    }
}

/// <summary>Gives the state of a checkpoint back under the names it was added by.</summary>
public sealed class CheckpointReader
{
    private readonly SafetensorsFile file;

    internal CheckpointReader(SafetensorsFile file) => this.file = file;

    /// <summary>A text.</summary>
    /// <exception cref="ModelFormatException">It is missing.</exception>
    public string Text(string name) => file.Metadata.GetValueOrDefault(name)
        ?? throw new ModelFormatException(file.Path, $"has no '{name}'.");

    /// <summary>A whole number.</summary>
    public long Integer(string name) => long.TryParse(Text(name), CultureInfo.InvariantCulture, out var value)
        ? value
        : throw new ModelFormatException(file.Path, $"'{name}' is no whole number.");

    /// <summary>A number, the same bits as were written.</summary>
    public double Number(string name) => BitConverter.Int64BitsToDouble(Integer(name));

    /// <summary>An array.</summary>
    public float[] Array(string name) => file.ReadFloat32(name);

    /// <summary>Loads parameters that were added under a prefix.</summary>
    public void Load(string prefix, IEnumerable<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (var parameter in parameters)
            parameter.Load(Array($"{prefix}.{parameter.Name}"));
    }

    /// <summary>Loads an optimiser that was added under a prefix.</summary>
    public void Load(string prefix, AdamW optimiser)
    {
        ArgumentNullException.ThrowIfNull(optimiser);
        optimiser.LoadMoments(
            (int)Integer(prefix + ".steps"),
            name => (Array($"{prefix}.first.{name}"), Array($"{prefix}.second.{name}")));
    }
}
