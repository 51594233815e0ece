using Orleans.Concurrency;
using SoupsActors.Experts;
using SoupsActors.Generation;
using SoupsActors.Grains.Experts;
using SoupsActors.Grains.Placement;

namespace SoupsActors.Grains.Generation;

/// <inheritdoc cref="IGeneratorGrain"/>
/// <remarks>Reentrant: every row of the batch is a call under way.</remarks>
[Reentrant]
[RolePlacement(SiloRoles.Generator, required: true)]
[DevicePlacement]
internal sealed class GeneratorGrain(GeneratorDevices devices, ImportFolder imports) : Grain, IGeneratorGrain
{
    private ITextEngine Engine => devices.Engine(this.GetPrimaryKeyString());

    public Task<ModelDescriptor> Describe() => Task.FromResult(Engine.Describe());

    public Task Hold(ExpertLease lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return Engine.HoldAsync(lease, cancellationToken);
    }

    public Task<AdmittedExpert> Admit(string folder, CancellationToken cancellationToken = default) =>
        Engine.AdmitAsync(imports.Resolve(folder), cancellationToken);

    public IAsyncEnumerable<AnswerPiece> Generate(
        GeneratorRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Engine.GenerateAsync(request, cancellationToken);
    }
}
