namespace SoupsActors;

/// <summary>Bounds on what requests may carry. They keep one caller from costing all others.</summary>
public static class SoupsLimits
{
    /// <summary>Largest magnitude of a weight λ.</summary>
    public const double MaxWeight = 100;

    /// <summary>Most entries of one mix.</summary>
    public const int MaxMixEntries = 64;

    /// <summary>Longest user id, in UTF-16 code units.</summary>
    public const int MaxUserIdLength = 256;

    /// <summary>Longest system prompt of a profile, in UTF-16 code units.</summary>
    public const int MaxSystemPromptLength = 8192;

    /// <summary>Most messages a stored conversation may keep.</summary>
    public const int MaxHistoryMessages = 1000;

    /// <summary>Most stop texts of one request, as in OpenAI's interface.</summary>
    public const int MaxStops = 4;

    /// <summary>Longest stop text, in UTF-16 code units.</summary>
    public const int MaxStopLength = 256;

    /// <summary>Most alternatives per token in log-probabilities, as in OpenAI's interface.</summary>
    public const int MaxTopLogProbabilities = 20;

    /// <summary>Longest operation id, in UTF-16 code units.</summary>
    public const int MaxOperationIdLength = 128;

    /// <summary>Operation ids a grain remembers; a retry older than this many writes counts as a new write.</summary>
    public const int RememberedOperations = 64;

    /// <summary>
    /// Versions of one expert that are kept; publishing more drops the oldest one that is not in use.
    /// </summary>
    public const int MaxExpertVersions = 64;

    /// <summary>Most feedback events of one batch.</summary>
    public const int MaxFeedbackBatch = 1000;

    /// <summary>Longest prompt or answer of a feedback event, in UTF-16 code units.</summary>
    public const int MaxFeedbackTextLength = 65536;

    /// <summary>Most answers of one ranking.</summary>
    public const int MaxRankedAnswers = 16;

    /// <summary>Most aspects of one rating.</summary>
    public const int MaxRatedAspects = 16;

    /// <summary>Largest magnitude of a margin, an observed value or an end of a rating's scale.</summary>
    public const double MaxFeedbackValue = 1e9;

    /// <summary>Longest name of an aspect, a label or an outcome, in UTF-16 code units.</summary>
    public const int MaxFeedbackLabelLength = 64;
}
