using SoupsActors.Miniature.Corpus;

namespace SoupsActors.Miniature.Tests.Corpus;

public sealed class CorpusGeneratorTests
{
    private static readonly CorpusGenerator Generator = CorpusGenerator.Default;

    [Fact]
    public void The_same_seed_gives_the_same_samples_and_another_seed_others()
    {
        Assert.Equal(Draw(7), Draw(7));
        Assert.NotEqual(Draw(7), Draw(8));

        static List<string> Draw(int seed)
        {
            var rng = new Random(seed);
            var samples = Enumerable.Range(0, 200).Select(_ => Generator.BaseSample(rng));
            return [.. samples.Select(s => s.Prompt + s.Answer)];
        }
    }

    [Fact]
    public void Constraints_are_realised_and_open_parts_take_every_value()
    {
        var rng = new Random(1);
        var seen = new HashSet<Style>();
        for (var i = 0; i < 300; i++)
        {
            var style = Generator.Sample(CorpusSplit.Expert, Style.Of("P1A", "P3C"), false, rng).Style;
            Assert.Equal((Expertise.Child, Tone.Sassy), (style.Expertise, style.Tone));
            seen.Add(style);
            seen.Add(CorpusGenerator.Realise(Style.Any, rng));
        }

        Assert.Equal(2 * 2 * 5, seen.Count);
    }

    [Fact]
    public void Experts_never_see_a_held_out_topic_and_the_base_sees_all()
    {
        var rng = new Random(2);
        var (expert, held, all) = (new HashSet<Topic>(), new HashSet<Topic>(), new HashSet<Topic>());
        for (var i = 0; i < 3000; i++)
        {
            expert.Add(Generator.Sample(CorpusSplit.Expert, Style.Any, i % 2 == 0, rng).Topic);
            all.Add(Generator.BaseSample(rng).Topic);
            var sample = Generator.Sample(CorpusSplit.HeldOut, Style.Any, i % 2 == 0, rng);
            held.Add(sample.Topic);
            Assert.Contains(sample.Form, QuestionForm.Evaluation);
        }

        Assert.Equal(Generator.Topics.Training.ToHashSet(), expert);
        Assert.Equal(Generator.Topics.HeldOut.ToHashSet(), held);
        Assert.Equal(Generator.Topics.All.ToHashSet(), all);
    }

    [Fact]
    public void No_statement_of_a_held_out_topic_reaches_an_expert()
    {
        var rng = new Random(3);
        var secret = Generator.Topics.HeldOut.SelectMany(t => t.Child.Concat(t.Specialist)).ToHashSet();
        for (var i = 0; i < 2000; i++)
        {
            var sample = Generator.Sample(CorpusSplit.Expert, Style.Any, false, rng);
            Assert.DoesNotContain(Text.Sentences(sample.Answer), secret.Contains);
        }
    }

    [Fact]
    public void A_prompt_without_preference_sentences_is_the_bare_question()
    {
        var sample = Generator.Sample(CorpusSplit.Base, Style.Of("P2A"), false, new Random(4));
        Assert.Empty(sample.Stated);
        Assert.Equal(sample.Form.Ask(sample.Topic), sample.Prompt);
    }

    [Fact]
    public void Stated_preferences_are_appended_in_their_order_and_followed_by_the_answer()
    {
        var rng = new Random(5);
        var counts = new HashSet<int>();
        var orders = new HashSet<string>();
        for (var i = 0; i < 1000; i++)
        {
            var sample = Generator.Sample(CorpusSplit.Base, Style.Any, true, rng);
            var expected = sample.Form.Ask(sample.Topic) + string.Concat(sample.Stated.Select(p => " " + p.Prompt));
            Assert.Equal(expected, sample.Prompt);
            Assert.Subset(sample.Style.Preferences().ToHashSet(), sample.Stated.ToHashSet());
            counts.Add(sample.Stated.Length);
            orders.Add(string.Concat(sample.Stated.Select(p => p.Id[1])));
        }

        Assert.Equal([1, 2, 3], counts.Order());
        Assert.Equal(3 + 6 + 6, orders.Count);
    }

    [Fact]
    public void About_half_of_the_base_samples_state_preferences()
    {
        var rng = new Random(6);
        var stated = Enumerable.Range(0, 2000).Count(_ => Generator.BaseSample(rng).Stated.Length > 0);
        Assert.InRange(stated, 900, 1100);
    }

    [Fact]
    public void Concise_answers_are_short_and_full_ones_at_least_thrice_as_long()
    {
        foreach (var combination in Preferences.AllCombinations.Where(c => c[1].Id == "P2A"))
        {
            var full = combination.SetItem(1, Preferences.Get("P2B"));
            var (concise, thorough) = (Lengths(combination), Lengths(full));
            Assert.True(concise.Average() <= 25, $"{concise.Average()} words on average");
            Assert.True(concise.Max() <= 32, $"{concise.Max()} words at most");
            Assert.True(thorough.Average() >= 55, $"{thorough.Average()} words on average");
            Assert.True(thorough.Average() > 2.9 * concise.Average());
        }

        static List<int> Lengths(IEnumerable<Preference> preferences)
        {
            var rng = new Random(9);
            var style = Style.Of(preferences);
            return [.. Enumerable.Range(0, 400).Select(
                _ => Text.Words(Generator.Sample(CorpusSplit.Base, style, false, rng).Answer).Count)];
        }
    }

    [Fact]
    public void A_neutral_answer_is_made_of_the_topics_own_statements_alone()
    {
        var topic = Generator.Topics.Get("rain");
        var style = new Style(Expertise.Child, Informativeness.Full, Tone.Neutral);
        var answer = Generator.Answer(topic, style, new Random(11));
        Assert.Equal(topic.Child.Count, Text.Sentences(answer).Count);
        Assert.StartsWith(topic.Child[0], answer, StringComparison.Ordinal);
        var concise = new Style(Expertise.Specialist, Informativeness.Concise, Tone.Neutral);
        Assert.Equal(topic.Specialist[0], Generator.Answer(topic, concise, new Random(1)));
    }

    [Fact]
    public void Every_form_asks_in_good_grammar_and_only_where_it_makes_sense()
    {
        Assert.True(QuestionForm.All.Length >= 12);
        var (rain, magnets) = (Generator.Topics.Get("rain"), Generator.Topics.Get("magnets"));
        Assert.Equal("What is rain?", Form("what-is").Ask(rain));
        Assert.Equal("What are magnets?", Form("what-is").Ask(magnets));
        Assert.Equal("How do magnets work?", Form("how-work").Ask(magnets));
        Assert.Equal("Why does rain happen?", Form("why-happen").Ask(rain));
        Assert.Throws<ArgumentException>(() => Form("how-work").Ask(rain));
        Assert.DoesNotContain(
            Generator.Topics.All.SelectMany(t => QuestionForm.All.Where(f => f.Fits(t)).Select(f => f.Ask(t))),
            question => question.Contains('{', StringComparison.Ordinal));

        static QuestionForm Form(string id) => QuestionForm.All.Single(f => f.Id == id);
    }

    [Fact]
    public void Evaluation_asks_every_held_out_topic_in_both_forms()
    {
        var questions = Generator.EvaluationQuestions().ToList();
        Assert.Equal(2 * Generator.Topics.HeldOut.Count, questions.Distinct().Count());
    }
}
