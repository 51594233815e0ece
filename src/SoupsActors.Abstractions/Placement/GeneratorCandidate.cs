namespace SoupsActors.Placement;

/// <summary>A generator as the choice of one request sees it.</summary>
/// <param name="Missing">Experts of the request's mix that it would have to load first.</param>
/// <param name="Room">Experts it can load without waiting for a running request to end.</param>
/// <param name="Waiting">Requests in its queue.</param>
/// <param name="Running">Requests it is answering.</param>
/// <param name="Places">Requests it can answer at once, at least 1.</param>
public readonly record struct GeneratorCandidate(int Missing, int Room, int Waiting, int Running, int Places)
{
    /// <summary>Requests waiting and running as a share of the places; above 1 requests queue.</summary>
    public double Load => (double)(Waiting + Running) / Math.Max(1, Places);

    /// <summary>Whether it can take what is missing at once.</summary>
    public bool HasRoom => Missing <= Room;
}
