using SoupsActors.Simulation.Events;
using SoupsActors.Simulation.Silos;
using SoupsActors.Simulation.Workload;

namespace SoupsActors.Simulation;

/// <summary>
/// A cluster in discrete events: requests arrive, find a silo, wait for their experts and for a place, decode, and end.
/// The same options give the same result to the bit.
/// </summary>
public sealed class ClusterSimulation
{
    private const int ProgressSteps = 100;

    private readonly SimulationOptions options;
    private readonly Population population;
    private readonly Arrivals arrivals;
    private readonly RequestTable requests;
    private readonly GeneratorSilo[] silos;
    private readonly Router router;
    private readonly EventQueue events;
    private readonly Measurements measurements;
    private readonly int arrivalSource;
    private readonly int reportSource;
    private int reporting;

    private ClusterSimulation(SimulationOptions options)
    {
        this.options = options;
        population = new Population(options);
        arrivals = new Arrivals(options, population);
        requests = new RequestTable(options.ExpertsPerMix);
        silos = [.. Enumerable.Range(0, options.Silos).Select(_ => new GeneratorSilo(options, requests))];
        router = new Router(options, silos);
        measurements = new Measurements(options, silos);
        arrivalSource = 2 * silos.Length;
        reportSource = arrivalSource + 1;
        events = new EventQueue(reportSource + 1);
    }

    /// <summary>Runs until every request has its answer or its refusal.</summary>
    /// <param name="options">Cluster, users and what they ask.</param>
    /// <param name="progress">Told the share of requests sent, 0 to 1.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <exception cref="ArgumentException">An option lies outside its range.</exception>
    public static SimulationResult Run(
        SimulationOptions options, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new ClusterSimulation(options).Run(progress, cancellationToken);
    }

    private SimulationResult Run(IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var reportEvery = Math.Max(1, options.Requests / ProgressSteps);
        events.Set(arrivalSource, arrivals.NextTime);
        if (router.ReportSeconds > 0)
            events.Set(reportSource, router.ReportSeconds / silos.Length);
        var now = 0.0;
        while (arrivals.Sent < options.Requests || requests.Count > 0)
        {
            (var source, now) = (events.Next, events.NextTime);
            if (source == arrivalSource)
            {
                Arrive(now);
                if (arrivals.Sent % reportEvery == 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    progress?.Report((double)arrivals.Sent / options.Requests);
                }
            }
            else if (source == reportSource)
            {
                // Silos report one after the other, spread over the period.
                router.Report(reporting);
                reporting = (reporting + 1) % silos.Length;
                events.Set(reportSource, now + router.ReportSeconds / silos.Length);
            }
            else if (source % 2 == 0)
            {
                Complete(source / 2, now);
            }
            else
            {
                silos[source / 2].Receive(now);
                Continue(source / 2, now);
            }
        }

        var rate = options.Clients > 0 ? arrivals.Sent / Math.Max(now, double.Epsilon) : options.Rate;
        return measurements.Result(arrivals.Sent, population.ActiveWithin(rate, options.UserIdleSeconds));
    }

    private void Arrive(double now)
    {
        var asked = arrivals.Take();
        measurements.Sent(asked, now);
        var id = requests.Add();
        requests[id] = new RequestState { Asked = asked, Arrived = now };
        population.MixOf(asked.User, requests.MixOf(id));
        router.Asked(requests.MixOf(id), now);
        var silo = Place(id, now);
        if (silo < 0)
        {
            requests.Remove(id);
            measurements.Refused(asked);
            arrivals.Answered(asked.Client, now);
        }
        else
        {
            Continue(silo, now);
        }

        events.Set(arrivalSource, arrivals.NextTime);
    }

    private int Place(int id, double now)
    {
        var chance = new Chance(options.Seed, Purpose.Choice, (ulong)requests[id].Asked.Number);
        Span<int> tried = stackalloc int[Math.Min(options.Placement.Attempts, options.Silos)];
        for (var attempt = 0; attempt < tried.Length; attempt++)
        {
            var silo = router.Choose(requests.MixOf(id), ref chance, tried[..attempt]);
            if (silos[silo].TryAccept(id, now))
                return silo;
            tried[attempt] = silo;
        }

        return -1;
    }

    private void Complete(int silo, double now)
    {
        var id = silos[silo].Complete(now);
        measurements.Answered(requests[id], silo, now);
        arrivals.Answered(requests[id].Asked.Client, now);
        requests.Remove(id);
        Continue(silo, now);
        if (options.Clients > 0)
            events.Set(arrivalSource, arrivals.NextTime);
    }

    /// <summary>Lets in who can be let in, and looks up when the silo acts next.</summary>
    private void Continue(int silo, double now)
    {
        var of = silos[silo];
        for (var id = of.Admit(now); id >= 0; id = of.Admit(now))
            measurements.Joined(requests[id], now, now + of.FirstToken);
        events.Set(2 * silo, of.NextCompletion);
        events.Set(2 * silo + 1, of.Memory.NextArrival);
    }
}
