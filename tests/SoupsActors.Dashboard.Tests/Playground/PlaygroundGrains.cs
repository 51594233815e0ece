using System.Reflection;
using System.Threading.Channels;
using Orleans;
using SoupsActors.Generation;
using SoupsActors.Judging;
using SoupsActors.Users;

namespace SoupsActors.Dashboard.Tests.Playground;

/// <summary>A cluster whose guests answer with what a test sends, and whose judge finds nothing to say.</summary>
public class PlaygroundGrains : DispatchProxy
{
    private ChannelReader<AnswerPiece>? pieces;

    /// <summary>The cluster; its interfaces have more members on Orleans than in a single process.</summary>
    public static IGrainFactory Of(ChannelReader<AnswerPiece> pieces) => Of<IGrainFactory>(pieces);

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        "GetGrain" when targetMethod.ReturnType == typeof(IGuestGrain) => Of<IGuestGrain>(pieces!),
        "GetGrain" when targetMethod.ReturnType == typeof(ICriticGrain) => Of<ICriticGrain>(pieces!),
        nameof(IGuestGrain.Stream) => pieces!.ReadAllAsync((CancellationToken)args![1]!),
        nameof(ICriticGrain.Score) => Task.FromResult(new AnswerScores("rules", 0, [])),
        _ => throw new NotSupportedException(targetMethod.Name),
    };

    private static T Of<T>(ChannelReader<AnswerPiece> pieces)
        where T : class
    {
        var grain = Create<T, PlaygroundGrains>();
        ((PlaygroundGrains)(object)grain).pieces = pieces;
        return grain;
    }
}
