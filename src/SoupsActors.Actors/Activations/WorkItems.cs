using Orleans;

namespace SoupsActors.Actors;

/// <summary>A task of the activation's scheduler: mostly the continuation of an await.</summary>
internal sealed class TaskItem(Task task) : WorkItem
{
    internal override void Run(Activation activation) => activation.RunTask(task);
}

/// <summary>An action run in a turn.</summary>
internal sealed class ActionItem(Action<object?> action, object? state) : WorkItem
{
    internal override void Run(Activation activation) => activation.RunAction(action, state);
}

/// <summary>Asks an activation to end.</summary>
internal sealed class DeactivateItem(DeactivationReason reason) : WorkItem
{
    internal override void Run(Activation activation) => activation.RequestDeactivation(reason);
}

/// <summary>Asks an activation to end if it is still unused.</summary>
internal sealed class CollectItem(TimeSpan age) : WorkItem
{
    internal override void Run(Activation activation)
    {
        if (activation.IsUnusedFor(age))
        {
            activation.RequestDeactivation(new DeactivationReason(
                DeactivationReasonCode.ActivationIdle, $"The grain was not used for {age}."));
        }
    }
}

/// <summary>Does nothing but make an activation look at what waits.</summary>
internal sealed class WakeItem : WorkItem
{
    internal override void Run(Activation activation)
    {
    }
}
