using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Placement;

namespace SoupsActors.Grains.Tests.Placement;

/// <summary>The choice of a generator as a function.</summary>
public sealed class GeneratorChoiceTests
{
    private static readonly PlacementOptions Options = new();

    private static readonly Gen<GeneratorCandidate> AnyCandidate =
        from missing in Gen.Choose(0, 4)
        from room in Gen.Choose(0, 4)
        from waiting in Gen.Choose(0, 20)
        from running in Gen.Choose(0, 8)
        from places in Gen.Choose(1, 8)
        select new GeneratorCandidate(missing, room, waiting, running, places);

    [Fact]
    public void without_generators_there_is_nothing_to_choose() =>
        Assert.Equal(-1, GeneratorChoice.Choose([], 1, Options));

    [Fact]
    public void the_choice_is_always_a_candidate_and_the_same_for_the_same_bits() => Prop.ForAll(
        Gen.NonEmptyListOf(AnyCandidate).ToArbitrary(),
        ArbMap.Default.ArbFor<ulong>(),
        (list, draw) =>
        {
            GeneratorCandidate[] candidates = [.. list];
            var chosen = GeneratorChoice.Choose(candidates, draw, Options);
            return chosen >= 0 && chosen < candidates.Length
                && chosen == GeneratorChoice.Choose(candidates, draw, Options);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void nobody_without_room_is_chosen_while_somebody_has_room() => Prop.ForAll(
        Gen.NonEmptyListOf(AnyCandidate).ToArbitrary(),
        ArbMap.Default.ArbFor<ulong>(),
        (list, draw) =>
        {
            GeneratorCandidate[] candidates = [.. list];
            var chosen = candidates[GeneratorChoice.Choose(candidates, draw, Options)];
            return chosen.HasRoom || !candidates.Any(c => c.HasRoom);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void never_the_worst_of_three_that_are_alike_but_for_their_load()
    {
        GeneratorCandidate[] candidates = [new(0, 4, 0, 1, 8), new(0, 4, 9, 8, 8), new(0, 4, 0, 2, 8)];
        for (var draw = 0UL; draw < 1000; draw++)
            Assert.NotEqual(1, GeneratorChoice.Choose(candidates, draw, Options));
    }

    [Fact]
    public void the_holder_of_the_mix_is_chosen_until_its_load_outweighs_the_loading()
    {
        GeneratorCandidate[] calm = [new(0, 4, 0, 3, 8), new(2, 4, 0, 0, 8)];
        GeneratorCandidate[] busy = [new(0, 4, 0, 5, 8), new(2, 4, 0, 0, 8)];
        for (var draw = 0UL; draw < 100; draw++)
        {
            Assert.Equal(0, GeneratorChoice.Choose(calm, draw, Options));
            Assert.Equal(1, GeneratorChoice.Choose(busy, draw, Options));
        }
    }

    [Fact]
    public void equal_generators_are_chosen_equally_often()
    {
        var candidates = Enumerable.Repeat(new GeneratorCandidate(0, 4, 0, 0, 8), 5).ToArray();
        var counts = new int[5];
        for (var draw = 0UL; draw < 10_000; draw++)
            counts[GeneratorChoice.Choose(candidates, draw, Options)]++;
        Assert.All(counts, count => Assert.InRange(count, 1850, 2150));
    }

    [Fact]
    public void two_choices_keep_the_longest_queue_far_shorter_than_one()
    {
        const int Generators = 64, Requests = 64 * 100;
        Assert.True(Longest(two: true) + 4 < Longest(two: false));

        static int Longest(bool two)
        {
            var random = new Random(3);
            var load = new int[Generators];
            for (var i = 0; i < Requests; i++)
            {
                var candidates = load.Select(n => new GeneratorCandidate(0, 1, n, 0, 1)).ToArray();
                load[two
                    ? GeneratorChoice.Choose(candidates, (ulong)random.NextInt64(), Options)
                    : random.Next(Generators)]++;
            }

            return load.Max();
        }
    }
}
