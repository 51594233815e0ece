using SoupsActors.Learning.Supervised;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Models.Tokenization;
using SoupsActors.Models.Tokenization.Chat;

namespace SoupsActors.Miniature.Recipe;

/// <summary>
/// Turns corpus samples into token sequences. What a step sees is a function of seed, stream and step number alone, so a
/// training can be resumed without a cursor.
/// </summary>
internal sealed class ConversationData(
    CorpusGenerator corpus, Tokenizer tokenizer, ChatTemplate template, int contextLength, int seed)
{
    /// <summary>Some conversations have a second turn, so that a chat with a history is nothing new to the model.</summary>
    private const double SecondTurn = 0.15;

    /// <summary>Experts mostly learn without sentences in the prompt: the weights alone must carry the style.</summary>
    private const double ExpertSentences = 0.25;

    /// <summary>Mixed styles over all topics.</summary>
    public IReadOnlyList<TrainingExample> Base(int step, int batch)
    {
        var random = Stream("base", step);
        return [.. Enumerable.Range(0, batch).Select(_ => Conversation(random, () => corpus.BaseSample(random)))];
    }

    /// <summary>One preference over the training topics, the other dimensions drawn.</summary>
    public IReadOnlyList<TrainingExample> Expert(Preference preference, int step, int batch)
    {
        var random = Stream(preference.Id, step);
        var style = Style.Of(preference.Id);
        return
        [
            .. Enumerable.Range(0, batch).Select(_ => Conversation(
                random,
                () => corpus.Sample(CorpusSplit.Expert, style, random.NextDouble() < ExpertSentences, random))),
        ];
    }

    private TrainingExample Conversation(Random random, Func<CorpusSample> sample)
    {
        var first = sample();
        var turns = new List<ChatTurn> { new("user", first.Prompt) };
        if (random.NextDouble() < SecondTurn)
        {
            var second = sample();
            turns = [new("user", first.Prompt), new("assistant", first.Answer), new("user", second.Prompt)];
            first = second;
        }

        var prompt = template.Encode(tokenizer, turns, addGenerationPrompt: true);
        var answer = tokenizer.Encode(first.Answer, addSpecialTokens: false);
        var example = TrainingExample.Create(prompt, [.. answer, tokenizer.EosId!.Value]);
        if (example.Tokens.Length <= contextLength)
            return example;
        return new TrainingExample(example.Tokens[^contextLength..], example.Learned[^contextLength..]);
    }

    private Random Stream(string name, int step)
    {
        // String hashes differ from process to process; this sum does not.
        var hash = name.Aggregate(17, (sum, c) => unchecked(sum * 31 + c));
        return new Random(unchecked(seed * 1_000_003 + hash * 7919 + step));
    }
}
