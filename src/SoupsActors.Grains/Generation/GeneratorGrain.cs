using Orleans.Concurrency;
using SoupsActors.Generation;

namespace SoupsActors.Grains.Generation;

/// <inheritdoc cref="IGeneratorGrain"/>
/// <remarks>Reentrant: every row of the batch is a call under way.</remarks>
[Reentrant]
internal sealed class GeneratorGrain(ITextEngine engine) : Grain, IGeneratorGrain
{
    public Task<ModelDescriptor> Describe() => Task.FromResult(engine.Describe());

    public IAsyncEnumerable<AnswerPiece> Generate(
        GeneratorRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return engine.GenerateAsync(request, cancellationToken);
    }
}
