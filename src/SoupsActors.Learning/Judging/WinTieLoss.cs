namespace SoupsActors.Learning.Judging;

/// <summary>How often a method won, tied and lost: the raw counts, and the rates people derive from them.</summary>
/// <param name="Wins">Comparisons won.</param>
/// <param name="Ties">Comparisons without a winner.</param>
/// <param name="Losses">Comparisons lost.</param>
public readonly record struct WinTieLoss(int Wins, int Ties, int Losses)
{
    /// <summary>All comparisons.</summary>
    public int Count => Wins + Ties + Losses;

    /// <summary>
    /// W / (W + L): ties left out, as Personalized Soups (Jang et al. 2023) reports; NaN without a decision.
    /// </summary>
    public double WinRate => Wins / (double)(Wins + Losses);

    /// <summary>(W + T/2) / (W + T + L): ties count one half; NaN without a comparison.</summary>
    public double WinRateWithTies => (Wins + Ties / 2.0) / Count;

    /// <summary>Wilson's 95 % interval of <see cref="WinRate"/>.</summary>
    public ConfidenceInterval WinRateInterval => ConfidenceInterval.Wilson(Wins, Wins + Losses);

    /// <summary>
    /// Wilson's 95 % interval of <see cref="WinRateWithTies"/>; a little wide, as half successes vary less.
    /// </summary>
    public ConfidenceInterval WinRateWithTiesInterval => ConfidenceInterval.Wilson(Wins + Ties / 2.0, Count);

    /// <summary>The same comparisons from the opponent's side.</summary>
    public WinTieLoss Reversed => new(Losses, Ties, Wins);

    /// <summary>Counts judgements.</summary>
    public static WinTieLoss Of(IEnumerable<Judgement> judgements)
    {
        ArgumentNullException.ThrowIfNull(judgements);
        int wins = 0, ties = 0, losses = 0;
        foreach (var judgement in judgements)
        {
            switch (judgement)
            {
                case Judgement.Win: wins++; break;
                case Judgement.Loss: losses++; break;
                default: ties++; break;
            }
        }

        return new WinTieLoss(wins, ties, losses);
    }

    /// <summary>Both series of comparisons together.</summary>
    public static WinTieLoss operator +(WinTieLoss a, WinTieLoss b) =>
        new(a.Wins + b.Wins, a.Ties + b.Ties, a.Losses + b.Losses);

    /// <inheritdoc/>
    public override string ToString() => $"{Wins}/{Ties}/{Losses}";
}
