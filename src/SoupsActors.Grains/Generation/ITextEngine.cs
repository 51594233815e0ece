using SoupsActors.Experts;
using SoupsActors.Generation;

namespace SoupsActors.Grains.Generation;

/// <summary>The device's model with everything around it: text in, text out. Tests put a fake here.</summary>
public interface ITextEngine
{
    /// <summary>How busy the device is; null until it can answer, and once it cannot any more.</summary>
    GeneratorLoad? Load { get; }

    /// <summary>The model.</summary>
    /// <exception cref="SoupsException">The model is still loading, or could not be loaded.</exception>
    ModelDescriptor Describe();

    /// <summary>Generates; stopping the enumeration or cancelling frees the row.</summary>
    /// <exception cref="SoupsException">The request does not fit the model, or the engine is busy.</exception>
    IAsyncEnumerable<AnswerPiece> GenerateAsync(GeneratorRequest request, CancellationToken cancellationToken);

    /// <summary>Reads an expert's weights, so that the first request for it does not wait for them.</summary>
    /// <exception cref="SoupsException">The weights are gone, damaged, or do not fit the model.</exception>
    Task HoldAsync(ExpertLease lease, CancellationToken cancellationToken);

    /// <summary>Copies an expert's folder in and checks it against the base.</summary>
    /// <exception cref="SoupsException">The folder is damaged, not supported, too large, or of another
    /// base.</exception>
    Task<AdmittedExpert> AdmitAsync(string folder, CancellationToken cancellationToken);
}
