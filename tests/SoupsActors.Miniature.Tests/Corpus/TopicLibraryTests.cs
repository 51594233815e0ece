using SoupsActors.Miniature.Corpus;

namespace SoupsActors.Miniature.Tests.Corpus;

public sealed class TopicLibraryTests
{
    private const string Good =
        """
        == tea | works
        child:
        Tea is a hot drink made from leaves.
        People drink it in many countries.
        Hot water takes the taste out of the leaves.
        Some people add milk or sugar.
        specialist:
        Tea is an infusion of cured leaves of the species Camellia sinensis.
        Enzymatic oxidation of catechins yields the theaflavins of black varieties.
        Caffeine and theanine are the alkaloid and the amino acid of interest here.
        Extraction kinetics depend on temperature, particle size and the ratio of solvent.
        """;

    [Fact]
    public void There_are_enough_topics_and_every_area_has_two_held_out()
    {
        var library = TopicLibrary.Default;
        Assert.True(library.All.Count >= 80, $"{library.All.Count} topics");
        Assert.Equal(16, library.HeldOut.Count);
        Assert.All(library.All.GroupBy(t => t.Area), area => Assert.Equal(2, area.Count(t => t.IsHeldOut)));
        Assert.Equal(library.All.Count, library.Training.Count + library.HeldOut.Count);
        Assert.Empty(library.Training.Intersect(library.HeldOut));
    }

    [Fact]
    public void Child_sentences_are_shorter_than_specialist_sentences_in_every_topic()
    {
        Assert.All(TopicLibrary.Default.All, topic =>
        {
            Assert.True(topic.Child.Count >= 4 && topic.Specialist.Count >= 4, topic.Id);
            Assert.True(topic.Child.Sum(Words) >= 40, $"{topic.Id}: {topic.Child.Sum(Words)} words for a child");
            Assert.True(topic.Specialist.Sum(Words) >= 40, topic.Id);
            Assert.True(
                topic.Child.Average(LettersPerWord) < topic.Specialist.Average(LettersPerWord), topic.Id);
        });
    }

    [Fact]
    public void The_core_statement_names_its_topic()
    {
        Assert.All(TopicLibrary.Default.All, topic =>
        {
            Assert.StartsWith(topic.Name, topic.Child[0], StringComparison.OrdinalIgnoreCase);
            Assert.StartsWith(topic.Name, topic.Specialist[0], StringComparison.OrdinalIgnoreCase);
        });
    }

    [Fact]
    public void A_well_formed_file_is_read()
    {
        var topic = Assert.Single(TopicLibrary.Parse([("kitchen", Good)]).All);
        Assert.Equal(("tea", "tea", "kitchen"), (topic.Id, topic.Name, topic.Area));
        Assert.True(topic.Works);
        Assert.False(topic.Happens || topic.IsPlural || topic.IsHeldOut);
        Assert.Equal("People drink it in many countries.", topic.Statements(Expertise.Child)[1]);
    }

    [Theory]
    [InlineData("Some people add milk or sugar.", "", "has 3 child statements")]
    [InlineData("Some people add milk or sugar.", "Some people add milk or sugar", "does not end with")]
    [InlineData("Some people add milk or sugar.", "People drink it in many countries.", "is there twice")]
    [InlineData("Some people add milk or sugar.", "Some people add milk. Others add sugar.", "more than one sentence")]
    [InlineData("Some people add milk or sugar.", "some people add milk or sugar.", "start with a capital")]
    [InlineData("Some people add milk or sugar.", "Some people add cr\u00e8me or sugar.", "outside printable ASCII")]
    [InlineData("Some people add milk or sugar.", "Add milk.", "has 2 words")]
    [InlineData("works", "wroks", "the flag 'wroks'")]
    [InlineData("child:", "children:", "is not one of the lists")]
    [InlineData("specialist:", "", "lacks the list 'specialist'")]
    [InlineData("== tea | works", "", "is not one of the lists")]
    public void A_broken_file_is_refused_with_its_place(string old, string replacement, string message)
    {
        var broken = Good.Replace(old, replacement, StringComparison.Ordinal);
        var error = Assert.Throws<InvalidDataException>(() => TopicLibrary.Parse([("kitchen", broken)]));
        Assert.StartsWith("kitchen:", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_topic_or_statement_told_twice_is_refused_across_files()
    {
        Assert.Contains(
            "is there twice",
            Assert.Throws<InvalidDataException>(() => TopicLibrary.Parse([("a", Good), ("b", Good)])).Message,
            StringComparison.Ordinal);
        var renamed = Good.Replace("== tea", "== coffee", StringComparison.Ordinal);
        Assert.Contains(
            "the statement",
            Assert.Throws<InvalidDataException>(() => TopicLibrary.Parse([("a", Good), ("b", renamed)])).Message,
            StringComparison.Ordinal);
    }

    private static int Words(string sentence) => Text.Words(sentence).Count;

    private static double LettersPerWord(string sentence) => Text.Words(sentence).Average(w => w.Length);
}
