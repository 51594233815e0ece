namespace SoupsActors.Learning.Policy;

/// <summary>
/// Lets the KL coefficient follow a target (Ziegler et al. 2019, section 2.2): it grows while the policy is further
/// from the reference than wanted, and shrinks while it is nearer.
/// </summary>
/// <param name="Target">The KL wanted, in nats per answer, positive. TRL and P-Soups: 6.</param>
/// <param name="Horizon">Answers over which the coefficient changes by a fifth at most, positive. TRL: 10,000.</param>
public sealed record AdaptiveKl(double Target = 6, double Horizon = 10_000);

/// <summary>The coefficient β of the KL penalty, fixed or adaptive.</summary>
internal sealed class KlController(double coefficient, AdaptiveKl? adaptive)
{
    private const double LargestError = 0.2;

    /// <summary>β.</summary>
    public double Coefficient { get; set; } = coefficient;

    /// <summary>β ← β·(1 + clip(KL/target − 1, ±0.2)·n/horizon); nothing where β is fixed.</summary>
    /// <param name="kl">Mean KL of the step's answers, in nats per answer.</param>
    /// <param name="answers">Answers of the step, n.</param>
    public void Update(double kl, int answers)
    {
        if (adaptive is null)
            return;
        var error = Math.Clamp(kl / adaptive.Target - 1, -LargestError, LargestError);
        Coefficient *= 1 + error * answers / adaptive.Horizon;
    }
}
