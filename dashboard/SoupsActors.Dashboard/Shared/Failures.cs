namespace SoupsActors.Dashboard.Shared;

/// <summary>What people are told of a failure.</summary>
public static class Failures
{
    /// <summary>
    /// A refusal's own words, for they say what to do; of anything else only that it happened, for its text may tell
    /// what is nobody's business.
    /// </summary>
    public static string Explain(Exception error) => error switch
    {
        SoupsException refusal => refusal.Message,
        TimeoutException => "The cluster did not answer in time. What was asked for may have happened or not: look, "
            + "and then try again.",
        _ => "The server failed. Its log has the cause; you may try again.",
    };
}
