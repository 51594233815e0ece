using Orleans.Storage;
using SoupsActors.Testing.Conformance;

namespace SoupsActors.Actors.Tests.Host;

public sealed class MemoryGrainStorageTests : GrainStorageConformance
{
    protected override bool IsDurable => false;

    protected override Task<IGrainStorage> OpenAsync(int run) =>
        Task.FromResult<IGrainStorage>(new MemoryGrainStorage());
}
