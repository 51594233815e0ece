using SoupsActors.Placement;
using SoupsActors.Simulation.Silos;

namespace SoupsActors.Simulation.Tests;

public sealed class HomesTests
{
    [Fact]
    public void A_real_clusters_experts_are_at_home_where_its_silos_say()
    {
        string[] keys = ["generator-b", "generator-a", "generator-c"];
        var hashes = Enumerable.Range(0, 40).Select(i => $"hash-{i}").ToArray();
        var options = new SimulationOptions
        {
            Silos = 3,
            SiloKeys = keys,
            Experts = 40,
            ExpertHashes = hashes,
            Slots = 8,
        };
        options.Validate();
        var homes = new HomeTable(options);
        for (var expert = 0; expert < hashes.Length; expert++)
        {
            var number = ExpertHomes.NumberOf(hashes[expert]);
            double[] scores = [.. keys.Select(key => ExpertHomes.Score(number, ExpertHomes.NumberOf(key), 8))];
            var home = ExpertHomes.Best(scores, 1)[0];
            Assert.Equal([home], Enumerable.Range(0, 3).Where(silo => homes.IsHome(silo, expert)));
        }
    }

    [Fact]
    public void There_is_a_key_for_each_silo_and_a_hash_for_each_expert()
    {
        var keys = new SimulationOptions { Silos = 3, SiloKeys = ["a", "b"] };
        Assert.Contains("SiloKeys is 2; it must be 3 keys", Assert.Throws<ArgumentException>(keys.Validate).Message);
        var hashes = new SimulationOptions { Experts = 5, ExpertHashes = ["a"] };
        Assert.Contains("ExpertHashes is 1", Assert.Throws<ArgumentException>(hashes.Validate).Message);
    }
}
