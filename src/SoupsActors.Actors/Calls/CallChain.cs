using System.Text;

namespace SoupsActors.Actors;

/// <summary>Tells who waits for whom when a response does not come.</summary>
internal static class CallChain
{
    private const int MostShown = 20;

    /// <summary>The message of a time-out: the chain of calls, and the cycle in it if there is one.</summary>
    public static string Describe(Call call, TimeSpan timeout)
    {
        List<Call> chain = [];
        for (var caller = call; caller is not null && chain.Count < MostShown; caller = caller.Caller)
            chain.Insert(0, caller);
        for (var callee = call.Outgoing; callee is not null && chain.Count < 2 * MostShown; callee = callee.Outgoing)
            chain.Add(callee);

        var message = new StringBuilder($"{call} did not respond within {timeout}. Call chain: ");
        message.AppendJoin(" → ", chain);
        message.Append(chain[^1].Target is null
            ? $". {chain[^1].Method.Name} of {chain[^1].Reference.GrainId} has not started."
            : $". {chain[^1].Method.Name} of {chain[^1].Reference.GrainId} is still running.");
        for (var i = 1; i < chain.Count; i++)
        {
            var grain = chain[i].Reference.GrainId;
            var first = chain.FindIndex(c => c.Reference.GrainId == grain);
            if (first == i || chain[i].Target is not null)
                continue;
            message.Append($" {grain} waits for itself: it is still busy with {chain[first].Method.Name}, so {chain[i].Method.Name} ")
                .Append("cannot start. Make the class [Reentrant], the method [AlwaysInterleave], or call back after ")
                .Append("the first call has returned.");
            break;
        }

        return message.ToString();
    }
}
