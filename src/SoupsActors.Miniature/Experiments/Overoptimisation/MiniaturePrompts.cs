using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Miniature.Corpus;

namespace SoupsActors.Miniature.Experiments.Overoptimisation;

/// <summary>Questions of the corpus as prompts to sample answers for.</summary>
internal static class MiniaturePrompts
{
    /// <summary>Questions on training topics, drawn by a seed.</summary>
    public static RolloutPrompt[] Training(ConversationFormat format, int count, int seed)
    {
        var random = new Random(seed);
        var topics = CorpusGenerator.Default.Topics.Training;
        return
        [
            .. Enumerable.Range(0, count).Select(_ =>
            {
                var topic = topics[random.Next(topics.Count)];
                QuestionForm[] forms = [.. QuestionForm.All.Where(f => f.Fits(topic))];
                return Of(format, topic, forms[random.Next(forms.Length)]);
            }),
        ];
    }

    /// <summary>The first questions on held-out topics.</summary>
    public static RolloutPrompt[] HeldOut(ConversationFormat format, int count) =>
        [.. CorpusGenerator.Default.EvaluationQuestions().Take(count).Select(q => Of(format, q.Topic, q.Form))];

    private static RolloutPrompt Of(ConversationFormat format, Topic topic, QuestionForm form)
    {
        var text = CorpusGenerator.Prompt(topic, form);
        return new RolloutPrompt(text, format.Prompt(text)) { Topic = topic.Name };
    }
}
