using SoupsActors.Tensors;

namespace SoupsActors.Models.Training;

/// <summary>A model whose gradient can be taken: what training loops need of it.</summary>
public interface ITrainableModel
{
    /// <summary>The device.</summary>
    Backend Backend { get; }

    /// <summary>The parameters that are trained, with stable names and order.</summary>
    IReadOnlyList<Parameter> TrainedParameters { get; }

    /// <summary>Logits of the next token for every row of the packed sequences, tokens × vocabulary.</summary>
    Tensor Logits(Tape tape, PackedSequences sequences);
}
