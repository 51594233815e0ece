using SoupsActors.Dashboard.Data.Experts;
using SoupsActors.Dashboard.Pages.Experts;
using SoupsActors.Dashboard.Tests.Shared;
using SoupsActors.Experts;
using SoupsActors.Generation;

namespace SoupsActors.Dashboard.Tests.Experts;

public sealed class OriginTests
{
    [Fact]
    public void what_is_known_is_told_in_words_and_the_unknown_as_it_is()
    {
        var facts = ExpertOrigin.Facts(Version(("method", "ppo"), ("kl_per_token", "0.027"), ("zeta", "<b>1</b>")));
        Assert.Contains(new OriginFact("Method", "PPO"), facts);
        Assert.Contains(new OriginFact("KL from the base", "0.027 nats per token"), facts);
        Assert.Equal(new OriginFact("zeta", "<b>1</b>"), facts[^1]);
    }

    [Fact]
    public void quality_is_the_comparison_where_there_was_one()
    {
        Assert.Equal(
            "9 wins, 1 ties, 2 losses against the version before (rules)",
            ExpertOrigin.Quality(Version(
                ("wins", "9"), ("ties", "1"), ("losses", "2"), ("judge", "rules"), ("gold_last", "1"))));
        Assert.Equal(
            "98% of answers meet it, 22% before its training",
            ExpertOrigin.Quality(Version(("gold_first", "0.22"), ("gold_last", "0.98"))));
        Assert.Null(ExpertOrigin.Quality(Version()));
    }

    [Fact]
    public void shares_are_of_the_uses_of_all_experts_and_unknown_before_the_first()
    {
        var (a, b) = (Expert("a", 3), Expert("b", 1));
        Assert.Equal(0.75, new ExpertShelf([], [a, b], []).ShareOfUses(a));
        Assert.Null(new ExpertShelf([], [Expert("a", 0)], []).ShareOfUses(Expert("a", 0)));
        Assert.Equal(["a", "b"], new ExpertShelf([], [a, b], []).Others.Select(e => e.Id));
    }

    [Fact]
    public async Task a_share_is_named_for_what_it_is()
    {
        // Two requests for the mix of both: each expert is used by all requests, and by half of the uses.
        var (a, b) = (Expert("a", 2), Expert("b", 2));
        var html = await Markup.OfAsync<ExpertSummary>(("Shelf", new ExpertShelf([], [a, b], [])), ("Expert", a));
        Assert.Contains("of all uses of experts)", html, StringComparison.Ordinal);
        Assert.Contains("aria-label=\"Share of a in all uses of experts\"", html, StringComparison.Ordinal);
        Assert.Contains("value=\"0.5\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public void an_expert_is_resident_where_its_content_is()
    {
        var model = new ModelDescriptor("m", "base", 8, 8, default);
        GeneratorReport[] generators =
        [
            new("one", 1, model, new GeneratorLoad(0, 0, 1, ["hash", "other"], 4, 0, 0)),
            new("two", 1, model, new GeneratorLoad(0, 0, 1, ["other"], 4, 0, 0)),
        ];
        Assert.Equal(["one"], new ExpertShelf([], [], generators).Holders(Version()));
    }

    private static ExpertDescriptor Expert(string id, long hits) =>
        new(id, Version(), false, [Version()], null, hits, 0);

    private static ExpertVersion Version(params (string Key, string Value)[] notes) =>
        new(1, "hash", "experts/hash", "base", 8, ["q_proj"], default, notes.ToDictionary(n => n.Key, n => n.Value));
}
