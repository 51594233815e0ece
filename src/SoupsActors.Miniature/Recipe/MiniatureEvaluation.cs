using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Judges;

namespace SoupsActors.Miniature.Recipe;

/// <summary>Answers a prompt with a mix of preferences, each with its weight; no preference is the base.</summary>
public delegate Task<string> AnswerWithMix(
    string prompt, IReadOnlyDictionary<string, float> mix, CancellationToken cancellationToken);

/// <summary>How often the answers of one way to ask satisfy each criterion of one combination.</summary>
/// <param name="Method">How the style is asked for: <c>soup</c>, <c>prompt</c> or <c>base</c>.</param>
/// <param name="Combination">The preferences wanted.</param>
/// <param name="Answers">Answers judged.</param>
/// <param name="Satisfied">Answers that satisfy each preference, in the order of the combination.</param>
/// <param name="SatisfiedAll">Answers that satisfy all of them.</param>
/// <param name="MeanWords">Mean length in words.</param>
/// <param name="KnownWords">Mean share of words that the corpus knows.</param>
/// <param name="TrueStatements">Share of statements that are true ones of the topic, word by word.</param>
public sealed record CombinationResult(
    string Method,
    ImmutableArray<string> Combination,
    int Answers,
    ImmutableArray<int> Satisfied,
    int SatisfiedAll,
    double MeanWords,
    double KnownWords,
    double TrueStatements);

/// <summary>
/// Asks the held-out questions in every style and lets the programmatic judges count. What is measured is how a small
/// model follows programmatic criteria; no claim about human or large-model judges follows from it.
/// </summary>
public sealed class MiniatureEvaluation(CorpusGenerator corpus, JudgePanel judges)
{
    private const int ParallelQuestions = 32;

    /// <summary>Single preferences and all eight combinations by soup, then the combinations for the base and by prompt.</summary>
    public async Task<IReadOnlyList<CombinationResult>> RunAsync(AnswerWithMix answer, CancellationToken cancellationToken = default)
    {
        var results = new List<CombinationResult>();
        foreach (var preference in Preferences.All)
            results.Add(await AskAsync("soup", [preference], answer, cancellationToken));
        foreach (var method in new[] { "soup", "base", "prompt" })
        {
            foreach (var combination in Preferences.Combinations)
                results.Add(await AskAsync(method, combination, answer, cancellationToken));
        }

        return results;
    }

    /// <summary>The results as a Markdown table, percentages of the answers.</summary>
    public static string ToMarkdown(IEnumerable<CombinationResult> results)
    {
        var table = new StringBuilder()
            .AppendLine("| method | combination | each criterion % | all % | words | known words % | true statements % |")
            .AppendLine("|---|---|---|---|---|---|---|");
        foreach (var r in results)
        {
            var each = string.Join(" / ", r.Satisfied.Select(s => Percent(s, r.Answers)));
            table.AppendLine(CultureInfo.InvariantCulture,
                $"| {r.Method} | {string.Join(" + ", r.Combination)} | {each} | {Percent(r.SatisfiedAll, r.Answers)} | {r.MeanWords:F1} | {100 * r.KnownWords:F1} | {100 * r.TrueStatements:F0} |");
        }

        return table.ToString();

        static string Percent(int part, int whole) => (100.0 * part / whole).ToString("F0", CultureInfo.InvariantCulture);
    }

    private async Task<CombinationResult> AskAsync(
        string method, ImmutableArray<Preference> combination, AnswerWithMix answer, CancellationToken cancellationToken)
    {
        var mix = method == "soup" ? combination.ToDictionary(p => p.Id, _ => 1f) : [];
        var stated = method == "prompt" ? combination : [];
        var answers = new List<(Topic Topic, string Text)>();
        foreach (var group in corpus.EvaluationQuestions().Chunk(ParallelQuestions))
        {
            var texts = await Task.WhenAll(group.Select(q =>
                answer(CorpusGenerator.Prompt(q.Topic, q.Form, stated), mix, cancellationToken)));
            answers.AddRange(group.Select(q => q.Topic).Zip(texts));
        }

        var sanity = answers.Select(a => judges.Sanity.Check(a.Topic, a.Text)).ToArray();
        return new CombinationResult(
            method,
            [.. combination.Select(p => p.Id)],
            answers.Count,
            [.. combination.Select(p => answers.Count(a => judges.Satisfies(p.Id, a.Text)))],
            answers.Count(a => judges.SatisfiesAll(combination, a.Text)),
            answers.Average(a => judges.Informativeness.Count(a.Text).Words),
            sanity.Average(s => s.KnownWords),
            (double)sanity.Sum(s => s.TrueStatements) / Math.Max(1, sanity.Sum(s => s.Statements)));
    }
}
