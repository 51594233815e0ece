using SoupsActors.Simulation.Events;

namespace SoupsActors.Simulation.Workload;

/// <summary>One request as its user sends it.</summary>
/// <param name="Number">Counts from 0.</param>
/// <param name="Client">Who waits for the answer in a closed loop; −1 in an open one.</param>
/// <param name="User">The user.</param>
/// <param name="Tokens">Length of the answer in tokens, positive.</param>
internal readonly record struct Arrival(long Number, int Client, int User, double Tokens);

/// <summary>
/// When requests come. Open: a Poisson process that does not care how the cluster does. Closed: a fixed number of
/// clients, each of whom asks for one user, waits for the answer, thinks, and asks for another.
/// </summary>
internal sealed class Arrivals
{
    private readonly SimulationOptions options;
    private readonly Population population;
    private readonly EventQueue clients;
    private double next;
    private long thoughts;

    public Arrivals(SimulationOptions options, Population population)
    {
        this.options = options;
        this.population = population;
        clients = new EventQueue(Math.Max(1, options.Clients));
        for (var client = 0; client < options.Clients; client++)
            clients.Set(client, ThinkTime());
        if (options.Clients == 0)
            next = Gap();
    }

    /// <summary>Requests sent so far.</summary>
    public long Sent { get; private set; }

    /// <summary>When the next one comes; infinite when all have been sent or all clients wait.</summary>
    public double NextTime =>
        Sent >= options.Requests ? double.PositiveInfinity : options.Clients > 0 ? clients.NextTime : next;

    /// <summary>The request that comes at <see cref="NextTime"/>.</summary>
    public Arrival Take()
    {
        var number = Sent++;
        var client = options.Clients > 0 ? clients.Next : -1;
        if (client >= 0)
            clients.Set(client, double.PositiveInfinity);
        else
            next += Gap();
        return new Arrival(number, client, population.UserOf(number), Length(number));
    }

    /// <summary>A client has its answer, or a refusal.</summary>
    public void Answered(int client, double now)
    {
        if (client >= 0)
            clients.Set(client, now + ThinkTime());
    }

    private double Gap() => new Chance(options.Seed, Purpose.Arrival, (ulong)Sent).Exponential() / options.Rate;

    private double ThinkTime() =>
        options.ThinkSeconds * new Chance(options.Seed, Purpose.Think, (ulong)thoughts++).Exponential();

    private double Length(long number) => options.AnswerLengths == AnswerLengths.Fixed
        ? options.AnswerTokens
        : options.AnswerTokens * new Chance(options.Seed, Purpose.Length, (ulong)number).Exponential();
}
