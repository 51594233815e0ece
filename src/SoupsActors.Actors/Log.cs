using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>What the host logs.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Grain {GrainId} could not be activated")]
    public static partial void ActivationFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(2, LogLevel.Warning, "Grain {GrainId} failed while it was deactivated")]
    public static partial void DeactivationFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(3, LogLevel.Warning, "An action queued on grain {GrainId} failed")]
    public static partial void ActionFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(4, LogLevel.Warning, "A timer of grain {GrainId} failed")]
    public static partial void TimerFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(5, LogLevel.Warning, "One-way call {Method} on grain {GrainId} failed")]
    public static partial void OneWayCallFailed(ILogger logger, Exception exception, string method, GrainId grainId);

    [LoggerMessage(6, LogLevel.Warning, "Reminder {Name} of grain {GrainId} failed")]
    public static partial void ReminderFailed(ILogger logger, Exception exception, string name, GrainId grainId);

    [LoggerMessage(7, LogLevel.Warning, "The host stopped before {Count} activations had ended")]
    public static partial void StoppedEarly(ILogger logger, int count);
}
