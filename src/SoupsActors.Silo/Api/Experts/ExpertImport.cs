using SoupsActors.Experts;
using SoupsActors.Grains.Experts;
using SoupsActors.Grains.Generation;
using SoupsActors.Silo.Api.OpenAi;

namespace SoupsActors.Silo.Api.Experts;

/// <inheritdoc cref="IExpertImport"/>
internal sealed class ExpertImport(IGrainFactory grains, ImportFolder imports, GeneratorDirectory generators)
    : IExpertImport
{
    public bool IsEnabled => imports.IsEnabled;

    public IReadOnlyList<string> Folders() => imports.List();

    public async Task<ExpertDescriptor> RegisterAsync(
        string? id, string? path, string operationId, CancellationToken cancellationToken = default)
    {
        id = Identifiers.RequireExpert(id);
        if (id is ModelNames.Soup or ModelNames.Base)
        {
            throw SoupsException.Invalid(
                $"'{id}' names a model already. Choose another id.", "reserved_expert_id", "id");
        }

        var generator = await generators.AnyAsync(cancellationToken);
        var admitted = await generator.Admit(path ?? "", cancellationToken);
        return await grains.GetGrain<IExpertGrain>(id).Publish(admitted, operationId);
    }
}
