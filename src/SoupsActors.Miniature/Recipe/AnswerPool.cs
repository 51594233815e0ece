using System.Text.Json;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Models.Files;

namespace SoupsActors.Miniature.Recipe;

/// <summary>An answer of the base model to one question.</summary>
/// <param name="Topic">Id of the topic asked about.</param>
/// <param name="Question">The bare question; sentences that were stated beside it are left out.</param>
/// <param name="Answer">What the base answered.</param>
public sealed record PooledAnswer(string Topic, string Question, string Answer);

/// <summary>
/// Several answers of the base to each of many questions: what judges compare, so that reward models can learn. Some
/// prompts state preferences and some do not, as the paper's positive, neutral and negative rollouts do (Personalized
/// Soups, section 3.1): a pool that serves every preference needs all of them.
/// </summary>
public sealed class AnswerPool(IReadOnlyList<PooledAnswer> answers)
{
    /// <summary>All answers; those to one question stand together.</summary>
    public IReadOnlyList<PooledAnswer> Answers { get; } = answers;

    /// <summary>Samples answers to questions about the topics of a split.</summary>
    /// <param name="corpus">Makes the questions.</param>
    /// <param name="split">Which topics.</param>
    /// <param name="format">Makes prompts of questions.</param>
    /// <param name="rollouts">Samples; the base answers.</param>
    /// <param name="size">Questions and answers to each.</param>
    /// <param name="maxTokens">Most tokens of an answer.</param>
    /// <param name="seed">Fixes all draws.</param>
    /// <param name="cancellationToken">Stops the sampling.</param>
    public static async Task<AnswerPool> SampleAsync(
        CorpusGenerator corpus,
        CorpusSplit split,
        Func<string, int[]> format,
        IRolloutSource rollouts,
        PoolSize size,
        int maxTokens,
        int seed,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        ArgumentNullException.ThrowIfNull(format);
        ArgumentNullException.ThrowIfNull(rollouts);
        var random = new Random(seed);
        var asked = new List<(Topic Topic, string Question, RolloutPrompt Prompt)>();
        for (var q = 0; q < size.Questions; q++)
        {
            var sample = corpus.Sample(split, Style.Any, withPreferenceSentences: false, random);
            for (var a = 0; a < size.AnswersPerQuestion; a++)
            {
                // Every third prompt is neutral; the others ask for a style drawn for this answer alone.
                var stated = a % 3 == 0 ? [] : CorpusGenerator.Realise(Style.Any, random).Preferences();
                var text = CorpusGenerator.Prompt(sample.Topic, sample.Form, stated);
                asked.Add((sample.Topic, sample.Prompt, new RolloutPrompt(text, format(text))));
            }
        }

        var options = new RolloutOptions { MaxTokens = maxTokens, Seed = (ulong)seed };
        var sampled = await rollouts.SampleAsync(
            [.. asked.Select(a => a.Prompt)], RolloutPolicy.Base, options, cancellationToken);
        return new AnswerPool(
            [.. asked.Zip(sampled, (a, rollout) => new PooledAnswer(a.Topic.Id, a.Question, rollout.Text))]);
    }

    /// <summary>A pool of answers as the corpus itself would give them, each in a style of its own.</summary>
    public static AnswerPool Write(CorpusGenerator corpus, CorpusSplit split, PoolSize size, int seed)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        var random = new Random(seed);
        var answers = new List<PooledAnswer>();
        for (var q = 0; q < size.Questions; q++)
        {
            var sample = corpus.Sample(split, Style.Any, withPreferenceSentences: false, random);
            for (var a = 0; a < size.AnswersPerQuestion; a++)
                answers.Add(new PooledAnswer(sample.Topic.Id, sample.Prompt, corpus.Answer(sample.Topic, Style.Any, random)));
        }

        return new AnswerPool(answers);
    }

    /// <summary>Reads a pool that <see cref="Save"/> wrote.</summary>
    public static AnswerPool Load(string path) =>
        new([.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<PooledAnswer>(line)!)]);

    /// <summary>Writes the answers as JSON lines, atomically.</summary>
    public void Save(string path) => AtomicFile.Write(path, stream =>
    {
        foreach (var answer in Answers)
        {
            JsonSerializer.Serialize(stream, answer);
            stream.WriteByte((byte)'\n');
        }
    });
}

/// <summary>How many answers a pool holds.</summary>
/// <param name="Questions">Questions.</param>
/// <param name="AnswersPerQuestion">Answers to each.</param>
public readonly record struct PoolSize(int Questions, int AnswersPerQuestion);
