using SoupsActors.Learning.Training;
using SoupsActors.Models.Files;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Supervised;

/// <summary>The state of a training with one optimiser: parameters, both moments and the step.</summary>
/// <param name="file">Where it is kept.</param>
public sealed class TrainingCheckpoint(Checkpoint file)
{
    /// <summary>The state in a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fingerprint">Names the settings; a checkpoint of other settings is refused, not continued.</param>
    public TrainingCheckpoint(string path, string fingerprint)
        : this(new Checkpoint(path, fingerprint))
    {
    }

    /// <summary>Writes the state.</summary>
    public void Save(ITrainableModel model, AdamW optimiser)
    {
        ArgumentNullException.ThrowIfNull(model);
        file.Save(state =>
        {
            state.Add("value", model.TrainedParameters);
            state.Add("optimiser", optimiser);
        });
    }

    /// <summary>Puts the state back where there is one.</summary>
    /// <returns>False where there is no checkpoint.</returns>
    /// <exception cref="InvalidOperationException">The checkpoint was written with other settings.</exception>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    public bool TryRestore(ITrainableModel model, AdamW optimiser)
    {
        ArgumentNullException.ThrowIfNull(model);
        return file.TryRestore(state =>
        {
            state.Load("value", model.TrainedParameters);
            state.Load("optimiser", optimiser);
        });
    }

    /// <summary>Removes the file, once its result is stored elsewhere.</summary>
    public void Delete() => file.Delete();
}
