using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Judges;

namespace SoupsActors.Miniature.Tests.Judges;

public sealed class LanguageSanityTests
{
    private static readonly LanguageSanity Sanity = JudgePanel.Default.Sanity;
    private static readonly Topic Rain = TopicLibrary.Default.Get("rain");

    [Fact]
    public void Every_corpus_answer_is_known_words_and_true_of_its_topic()
    {
        var rng = new Random(21);
        for (var i = 0; i < 1000; i++)
        {
            var sample = CorpusGenerator.Default.BaseSample(rng);
            var report = Sanity.Check(sample.Topic, sample.Answer);
            Assert.True(report.KnownWords == 1, sample.Answer);
            Assert.True(report.Truth == 1 && report.ForeignStatements == 0, sample.Answer);
        }
    }

    [Fact]
    public void Statements_of_another_topic_and_inventions_are_counted_apart()
    {
        var other = TopicLibrary.Default.Get("snow").Child[1];
        var report = Sanity.Check(Rain, $"Hooray, a fun one for us! {Rain.Child[0]} {other} Rain is made of cheese.");
        Assert.Equal((3, 1, 1), (report.Statements, report.TrueStatements, report.ForeignStatements));
        Assert.Equal(1 / 3.0, report.Truth, 9);
    }

    [Fact]
    public void Broken_words_and_repetition_lower_the_measures()
    {
        Assert.Equal(0.5, Sanity.KnownWords("rain zzqx"));
        Assert.Equal(0, Sanity.KnownWords(""));
        Assert.Equal(0, LanguageSanity.RepeatedPhrases(Rain.Child[0]));
        Assert.True(LanguageSanity.RepeatedPhrases($"{Rain.Child[0]} {Rain.Child[0]}") > 0.3);
    }

    [Fact]
    public void Words_and_sentences_are_cut_as_documented()
    {
        Assert.Equal(["it", "isn't", "co2", "at", "1", "5"], Text.Words("It isn't 'CO2' at 1.5!"));
        Assert.Equal(["Rise 1.5 m.", "Why?", "So"], Text.Sentences("Rise 1.5 m. Why?  So"));
    }
}
