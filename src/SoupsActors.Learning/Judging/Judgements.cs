namespace SoupsActors.Learning.Judging;

/// <summary>Arithmetic of judgements.</summary>
public static class Judgements
{
    /// <summary>The judgement from B's side.</summary>
    public static Judgement Reversed(this Judgement judgement) => (Judgement)(-(int)judgement);

    /// <summary>
    /// One judgement out of those by single criteria: each counts +1, 0 or −1 and the sign of the sum decides. This is
    /// the aggregated judgement of Personalized Soups (Jang et al. 2023) for one prompt, and the majority of several
    /// judges.
    /// </summary>
    public static Judgement Aggregate(IEnumerable<Judgement> judgements)
    {
        ArgumentNullException.ThrowIfNull(judgements);
        return (Judgement)Math.Sign(judgements.Sum(j => (int)j));
    }
}
