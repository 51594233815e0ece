using System.Globalization;
using SoupsActors.Models.Files;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Supervised;

/// <summary>
/// The state of a training in one safetensors file: parameters, both moments and the step, replaced atomically.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="fingerprint">Names the settings; a checkpoint of other settings is refused, not continued.</param>
public sealed class TrainingCheckpoint(string path, string fingerprint)
{
    private const string StepKey = "step";
    private const string FingerprintKey = "fingerprint";

    /// <summary>Writes the state.</summary>
    public void Save(ITrainableModel model, AdamW optimiser)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimiser);
        var tensors = new List<TensorToWrite>();
        foreach (var parameter in model.TrainedParameters)
            tensors.Add(new TensorToWrite("value." + parameter.Name, [parameter.Length], parameter.ToArray()));
        foreach (var (name, first, second) in optimiser.SaveMoments())
        {
            tensors.Add(new TensorToWrite("first." + name, [first.Length], first));
            tensors.Add(new TensorToWrite("second." + name, [second.Length], second));
        }

        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string>
        {
            [StepKey] = optimiser.StepsTaken.ToString(CultureInfo.InvariantCulture),
            [FingerprintKey] = fingerprint,
        });
    }

    /// <summary>Puts the state back where there is one.</summary>
    /// <returns>False where there is no checkpoint.</returns>
    /// <exception cref="InvalidOperationException">The checkpoint was written with other settings.</exception>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    public bool TryRestore(ITrainableModel model, AdamW optimiser)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimiser);
        if (!File.Exists(path))
            return false;
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault(FingerprintKey) != fingerprint)
        {
            throw new InvalidOperationException(
                $"{path} belongs to a training with other settings. Delete it to start anew, or choose another folder.");
        }

        foreach (var parameter in model.TrainedParameters)
            parameter.Load(file.ReadFloat32("value." + parameter.Name));
        var step = int.Parse(file.Metadata[StepKey], CultureInfo.InvariantCulture);
        optimiser.LoadMoments(step, name => (file.ReadFloat32("first." + name), file.ReadFloat32("second." + name)));
        return true;
    }

    /// <summary>Removes the file, once its result is stored elsewhere.</summary>
    public void Delete() => File.Delete(path);
}
