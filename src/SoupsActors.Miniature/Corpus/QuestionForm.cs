using System.Collections.Immutable;

namespace SoupsActors.Miniature.Corpus;

/// <summary>A way to ask about a topic.</summary>
public sealed class QuestionForm
{
    private readonly string _template;
    private readonly Func<Topic, bool> _fits;

    private QuestionForm(string id, string template, Func<Topic, bool>? fits = null)
    {
        Id = id;
        _template = template;
        _fits = fits ?? (_ => true);
    }

    /// <summary>All forms; the first two are <see cref="Evaluation"/>.</summary>
    public static ImmutableArray<QuestionForm> All { get; } =
    [
        new("what-is", "What {is} {x}?"),
        new("tell-me", "Tell me about {x}."),
        new("what-exactly", "What exactly {is} {x}?"),
        new("can-you-explain", "Can you explain {x}?"),
        new("explain", "Explain {x} to me."),
        new("learn", "I want to learn about {x}."),
        new("teach", "Could you teach me about {x}?"),
        new("describe", "Please describe {x}."),
        new("know", "What do you know about {x}?"),
        new("should-know", "What should I know about {x}?"),
        new("understand", "Help me understand {x}."),
        new("say", "What can you say about {x}?"),
        new("curious", "I am curious about {x}."),
        new("how-work", "How {does} {x} work?", t => t.Works),
        new("why-happen", "Why {does} {x} happen?", t => t.Happens),
    ];

    /// <summary>The two forms evaluation asks in; both also occur in training.</summary>
    public static ImmutableArray<QuestionForm> Evaluation { get; } = [All[0], All[1]];

    /// <summary>The key.</summary>
    public string Id { get; }

    /// <summary>Whether the form makes a sensible question of the topic.</summary>
    public bool Fits(Topic topic) => _fits(topic);

    /// <summary>The question in words.</summary>
    /// <exception cref="ArgumentException">The form does not fit the topic.</exception>
    public string Ask(Topic topic)
    {
        if (!Fits(topic)) throw new ArgumentException($"'{Id}' makes no question of '{topic}'.", nameof(topic));
        return _template
            .Replace("{is}", topic.IsPlural ? "are" : "is", StringComparison.Ordinal)
            .Replace("{does}", topic.IsPlural ? "do" : "does", StringComparison.Ordinal)
            .Replace("{x}", topic.Name, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public override string ToString() => Id;
}
