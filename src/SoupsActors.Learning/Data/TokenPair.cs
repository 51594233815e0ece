namespace SoupsActors.Learning.Data;

/// <summary>A comparison as reward models and direct methods read it.</summary>
/// <param name="Prompt">Token ids of the prompt, chat template applied, ready for an answer.</param>
/// <param name="Chosen">Token ids of the preferred answer, its end token included.</param>
/// <param name="Rejected">Token ids of the other answer, its end token included.</param>
public sealed record TokenPair(int[] Prompt, int[] Chosen, int[] Rejected)
{
    /// <summary>How much further apart the rewards should be, 0 for no margin.</summary>
    public float Margin { get; init; }

    /// <summary>Probability that the label is right, 0 to 1: the soft label.</summary>
    public float ChosenProbability { get; init; } = 1;

    /// <summary>Index of the data set it belongs to, where there are several.</summary>
    public int Source { get; init; }

    /// <summary>The margin times a factor; without one even a margin that is no finite number is none.</summary>
    internal float ScaledMargin(double factor) => factor == 0 ? 0 : (float)(factor * Margin);

    /// <summary>The pair with its answers swapped, as a flipped label reads.</summary>
    public TokenPair Flipped() => this with { Chosen = Rejected, Rejected = Chosen };
}
