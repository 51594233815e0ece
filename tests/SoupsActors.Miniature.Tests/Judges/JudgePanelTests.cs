using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Judging;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Judges;

namespace SoupsActors.Miniature.Tests.Judges;

public sealed class JudgePanelTests(ITestOutputHelper output)
{
    private const int PerCombination = 400;
    private static readonly CorpusGenerator Generator = CorpusGenerator.Default;
    private static readonly JudgePanel Panel = JudgePanel.Default;

    public static TheoryData<string> Combinations =>
        [.. Preferences.AllCombinations.Select(c => string.Join('+', c.Select(p => p.Id)))];

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Corpus_answers_satisfy_their_own_poles_and_no_other(string combination)
    {
        var style = Style.Of(combination.Split('+'));
        var rng = new Random(combination.Sum(c => c));
        var accepted = Preferences.All.ToDictionary(p => p.Id, _ => 0);
        for (var i = 0; i < PerCombination; i++)
        {
            var answer = Generator.Sample(CorpusSplit.Base, style, false, rng).Answer;
            foreach (var preference in Preferences.All)
                if (Panel.Satisfies(preference.Id, answer)) accepted[preference.Id]++;
        }

        output.WriteLine($"{combination}: {string.Join("  ", accepted.Select(a => $"{a.Key} {a.Value,3}"))}");
        foreach (var preference in Preferences.All)
        {
            var share = accepted[preference.Id] / (double)PerCombination;
            var asked = combination.Contains(preference.Id, StringComparison.Ordinal);
            Assert.True(asked ? share >= 0.99 : share <= 0.01, $"{preference}: {share:P1}");
        }
    }

    [Fact]
    public void Neutral_answers_have_no_tone()
    {
        var rng = new Random(12);
        Assert.All(Enumerable.Range(0, 500), _ =>
        {
            var answer = Generator.Sample(CorpusSplit.Base, new Style(Tone: Tone.Neutral), false, rng).Answer;
            Assert.Equal(Tone.Neutral, Panel.Tone.Detect(answer));
        });
    }

    [Theory]
    [InlineData("P1A", "P1B")]
    [InlineData("P2A", "P2B")]
    [InlineData("P3A", "P3B")]
    [InlineData("P3C", "P3D")]
    public void An_answer_of_one_pole_wins_its_criterion_against_the_other(string a, string b)
    {
        var rng = new Random(13);
        var wins = 0;
        for (var i = 0; i < 300; i++)
        {
            var first = Generator.Sample(CorpusSplit.Base, Style.Of(a), false, rng).Answer;
            var second = Generator.Sample(CorpusSplit.Base, Style.Of(b), false, rng).Answer;
            if (Panel.Compare(a, first, second) == Judgement.Win) wins++;
            Assert.Equal(-(int)Panel.Compare(a, first, second), (int)Panel.Compare(a, second, first));
            Assert.Equal(Judgement.Tie, Panel.Compare(b, first, first));
        }

        Assert.True(wins >= 295, $"{wins} of 300");
    }

    [Fact]
    public void The_aggregate_is_the_sign_of_the_three_judgements()
    {
        var rng = new Random(14);
        var topic = Generator.Topics.Get("rain");
        var friendly = Generator.Answer(topic, Style.Of("P1A", "P2A", "P3A"), rng);
        var rude = Generator.Answer(topic, Style.Of("P1B", "P2A", "P3B"), rng);
        Assert.Equal(Judgement.Win, Panel.CompareAll(Preferences.Combinations[0], friendly, rude));
        Assert.Equal(Judgement.Loss, Panel.CompareAll(Preferences.Combinations[0], rude, friendly));
        Assert.Equal(Judgement.Tie, Panel.CompareAll(Preferences.Combinations[0], rude, rude));
    }

    [Theory]
    [InlineData("P1A", "P1B")]
    [InlineData("P2A", "P2B")]
    [InlineData("P3A", "P3C")]
    [InlineData("P3B", "P3D")]
    public void Swapped_labels_are_caught(string asked, string given)
    {
        var rng = new Random(16);
        var accepted = Enumerable.Range(0, 300).Count(
            _ => Panel.Satisfies(asked, Generator.Sample(CorpusSplit.Base, Style.Of(given), false, rng).Answer));
        Assert.True(accepted <= 3, $"{accepted} of 300 answers in style {given} pass for {asked}");
    }

    [Fact]
    public void Topics_the_lexicon_has_not_seen_are_still_judged_by_their_words()
    {
        int full = 0, core = 0, total = 0;
        foreach (var topic in Generator.Topics.All)
        {
            var others = new JudgePanel(Generator.Topics.All.Where(t => t != topic), TonePhrases.Default.Values);
            foreach (var (register, id) in new[] { (Expertise.Child, "P1A"), (Expertise.Specialist, "P1B") })
            {
                if (others.Satisfies(id, string.Join(' ', topic.Statements(register)))) full++;
                if (others.Satisfies(id, topic.Statements(register)[0])) core++;
                total++;
            }
        }

        output.WriteLine($"register of a topic left out of the lexicon: full {full}, core {core} of {total}");
        Assert.True(full >= 0.98 * total, $"{full} of {total}");
        Assert.True(core >= 0.9 * total, $"{core} of {total}");
    }

    [Fact]
    public void No_text_satisfies_two_poles_of_one_dimension()
    {
        var words = JudgePanel.Default.Sanity.Vocabulary.Order(StringComparer.Ordinal).Concat([".", "!"]).ToArray();
        var texts = Gen.Elements(words).ListOf().Select(list => string.Join(' ', list)).ToArbitrary();
        Prop.ForAll(texts, text =>
        {
            foreach (var poles in Preferences.All.GroupBy(p => p.Dimension))
                Assert.True(poles.Count(p => Panel.Satisfies(p.Id, text)) <= 1, text);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Small_errors_do_not_change_the_verdict()
    {
        var rng = new Random(15);
        int right = 0, total = 0;
        for (var i = 0; i < 500; i++)
        {
            var sample = Generator.Sample(CorpusSplit.Base, Style.Any, false, rng);
            var words = sample.Answer.Split(' ').ToList();
            var at = rng.Next(words.Count);
            words[at] = words[at].Length > 3 ? words[at].Remove(1, 2) : "ub";
            if (words.Count > 20) words.RemoveAt(rng.Next(words.Count));
            foreach (var preference in sample.Style.Preferences())
            {
                total++;
                if (Panel.Satisfies(preference.Id, string.Join(' ', words))) right++;
            }
        }

        output.WriteLine($"with errors: {right} of {total}");
        Assert.True(right >= 0.97 * total, $"{right} of {total}");
    }

    [Fact]
    public void Repetition_and_chatter_do_not_pass_for_information()
    {
        var rain = Generator.Topics.Get("rain");
        var parrot = string.Join(' ', Enumerable.Repeat(rain.Child[0], 6));
        Assert.False(Panel.Satisfies("P2B", parrot));
        Assert.False(Panel.Satisfies("P2A", parrot));
        var chatter = string.Join(' ', TonePhrases.Default[Tone.Friendly].All);
        Assert.False(Panel.Satisfies("P2B", chatter));
        Assert.True(Panel.Compare("P2B", string.Join(' ', rain.Child), parrot) == Judgement.Win);
    }

    [Theory]
    [InlineData("")]
    [InlineData("...")]
    public void An_empty_answer_satisfies_nothing(string answer)
    {
        Assert.DoesNotContain(Preferences.All, p => Panel.Satisfies(p.Id, answer));
        Assert.Equal(Judgement.Loss, Panel.Compare("P2A", answer, Generator.Topics.All[0].Child[0]));
    }

    [Fact]
    public void A_judge_refuses_preferences_of_another_dimension()
    {
        Assert.Throws<ArgumentException>(() => Panel.Tone.Score("P1A", "", "x"));
        Assert.Throws<ArgumentException>(() => Panel.Expertise.Score("P2A", "", "x"));
        Assert.Throws<ArgumentException>(() => Panel.Informativeness.Satisfies("P3A", "x"));
        Assert.Throws<ArgumentException>(() => Panel.Score("P7A", "", "x"));
    }
}
