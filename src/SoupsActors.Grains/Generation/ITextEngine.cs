using SoupsActors.Generation;

namespace SoupsActors.Grains.Generation;

/// <summary>The device's model with everything around it: text in, text out. Tests put a fake here.</summary>
public interface ITextEngine
{
    /// <summary>The model.</summary>
    /// <exception cref="SoupsException">The model is still loading, or could not be loaded.</exception>
    ModelDescriptor Describe();

    /// <summary>Generates; stopping the enumeration or cancelling frees the row.</summary>
    /// <exception cref="SoupsException">The request does not fit the model, or the engine is busy.</exception>
    IAsyncEnumerable<AnswerPiece> GenerateAsync(GeneratorRequest request, CancellationToken cancellationToken);
}
