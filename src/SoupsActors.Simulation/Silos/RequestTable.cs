using System.Runtime.InteropServices;
using SoupsActors.Simulation.Workload;

namespace SoupsActors.Simulation.Silos;

/// <summary>A request under way.</summary>
internal struct RequestState
{
    public Arrival Asked;
    public double Arrived;
    public double Joined;

    /// <summary>Experts that have yet to come over the network.</summary>
    public int Pending;
}

/// <summary>Requests under way, by number; places are used again, so that a run of any length needs little memory.</summary>
internal sealed class RequestTable(int expertsPerMix)
{
    private readonly List<RequestState> requests = [];
    private readonly List<int[]> mixes = [];
    private readonly Stack<int> free = [];

    public int Count => requests.Count - free.Count;

    /// <summary>A place for a new request; its mix is to be filled in.</summary>
    public int Add()
    {
        if (free.TryPop(out var id))
            return id;
        requests.Add(default);
        mixes.Add(new int[expertsPerMix]);
        return requests.Count - 1;
    }

    public ref RequestState this[int id] => ref CollectionsMarshal.AsSpan(requests)[id];

    public int[] MixOf(int id) => mixes[id];

    public void Remove(int id) => free.Push(id);
}
