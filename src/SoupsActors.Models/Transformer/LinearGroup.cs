using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Transformer;

/// <summary>The linear layers of a block that read the same input and are therefore one matrix.</summary>
internal enum LinearGroup
{
    /// <summary>q, k, v side by side.</summary>
    QueryKeyValue,

    /// <summary>o.</summary>
    AttentionOutput,

    /// <summary>gate, up side by side.</summary>
    GateUp,

    /// <summary>down.</summary>
    Down,
}

internal static class LinearGroups
{
    public const int Count = 4;

    private static readonly TargetModule[][] modules =
    [
        [TargetModule.QProj, TargetModule.KProj, TargetModule.VProj],
        [TargetModule.OProj],
        [TargetModule.GateProj, TargetModule.UpProj],
        [TargetModule.DownProj],
    ];

    /// <summary>The linear layers of a group, in the order of their outputs.</summary>
    public static ReadOnlySpan<TargetModule> Modules(this LinearGroup group) => modules[(int)group];

    /// <summary>Numbers that come out of a group.</summary>
    public static int Outputs(this LinearGroup group, TransformerConfig config)
    {
        var outputs = 0;
        foreach (var module in group.Modules())
            outputs += config.Shape(module).Outputs;
        return outputs;
    }

    /// <summary>Numbers that go into a group.</summary>
    public static int Inputs(this LinearGroup group, TransformerConfig config) =>
        config.Shape(group.Modules()[0]).Inputs;
}
