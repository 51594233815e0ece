namespace SoupsActors.Simulation.Tests;

/// <summary>The simulator beside queues that have closed forms (Kleinrock 1975, "Queueing Systems", volume 1).</summary>
public sealed class QueueingTheoryTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.7)]
    public void One_place_is_the_queue_M_M_1(double load)
    {
        var result = ClusterSimulation.Run(Clusters.Bare with { Rate = load });
        Clusters.AssertNear(1 / (1 - load), result.Answer.Mean, 0.05);
        Clusters.AssertNear(load / (1 - load), result.Wait.Mean, 0.05);
        Clusters.AssertNear(load, result.Busy, 0.02);
        // Answer times of M/M/1 are exponential.
        Clusters.AssertNear(Math.Log(100) / (1 - load), result.Answer.P99, 0.08);
    }

    [Fact]
    public void Several_places_that_do_not_slow_each_other_are_the_queue_M_M_k()
    {
        const int Places = 5;
        const double Load = 0.8;
        var result = ClusterSimulation.Run(Clusters.Bare with { Rows = Places, Rate = Load * Places });
        var wait = ErlangC(Places, Load * Places) / (Places - Load * Places);
        Clusters.AssertNear(wait, result.Wait.Mean, 0.07);
        Clusters.AssertNear(1 + wait, result.Answer.Mean, 0.03);
        Clusters.AssertNear(Load * Places, result.MeanRows, 0.02);
    }

    [Fact]
    public void Rows_that_share_the_device_equally_are_the_queue_M_M_1_with_processor_sharing()
    {
        const double Load = 0.6;
        var result = ClusterSimulation.Run(Clusters.Bare with
        {
            Rows = 100_000,
            Rate = Load,
            Service = new ServiceModel { RowSeconds = 0.01 },
        });
        Clusters.AssertNear(1 / (1 - Load), result.Answer.Mean, 0.05);
        Assert.Equal(0, result.Wait.P99);
    }

    [Fact]
    public void Answers_of_fixed_length_wait_half_as_long_as_Pollaczek_and_Khinchine_say()
    {
        const double Load = 0.7;
        var result = ClusterSimulation.Run(
            Clusters.Bare with { Rate = Load, AnswerLengths = AnswerLengths.Fixed });
        Clusters.AssertNear(Load / (2 * (1 - Load)), result.Wait.Mean, 0.05);
    }

    [Fact]
    public void Random_choice_splits_the_stream_into_queues_of_their_own()
    {
        var result = ClusterSimulation.Run(Clusters.Bare with { Silos = 8, Rate = 8 * 0.7 });
        Clusters.AssertNear(1 / (1 - 0.7), result.Answer.Mean, 0.06);
    }

    [Fact]
    public void A_closed_loop_answers_as_often_as_its_clients_can_ask()
    {
        // Without a queue each client takes think time plus service time for a round.
        var result = ClusterSimulation.Run(Clusters.Bare with
        {
            Clients = 10,
            Rows = 10,
            ThinkSeconds = 3,
            Requests = 100_000,
        });
        Clusters.AssertNear(10 / (3 + 1.0), result.AnswersPerSecond, 0.03);
    }

    /// <summary>The share of requests that wait in M/M/k with <paramref name="offered"/> Erlangs.</summary>
    private static double ErlangC(int places, double offered)
    {
        // Erlang's recursion for the loss formula B, and C from B.
        var loss = 1.0;
        for (var k = 1; k <= places; k++)
            loss = offered * loss / (k + offered * loss);
        return loss / (1 - offered / places * (1 - loss));
    }
}
