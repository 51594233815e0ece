using SoupsActors.Tensors;
using SoupsActors.Testing;

namespace SoupsActors.Models.Tests.Inference;

internal static class TestBackend
{
    public static Backend Create() => new ReferenceBackend();
}
