namespace SoupsActors.Simulation.Study;

/// <summary>How policies are called on the command line and in reports.</summary>
public static class PolicyNames
{
    /// <summary>A policy's name.</summary>
    public static string Of(ChoicePolicy policy) => policy switch
    {
        ChoicePolicy.Random => "random",
        ChoicePolicy.LeastLoaded => "least-loaded",
        ChoicePolicy.TwoChoices => "two-choices",
        ChoicePolicy.Residency => "residency",
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "There is no such policy."),
    };

    /// <summary>The policy of a name.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static ChoicePolicy Parse(string name)
    {
        foreach (var policy in Enum.GetValues<ChoicePolicy>())
        {
            if (Of(policy) == name)
                return policy;
        }

        throw new ArgumentException(
            $"There is no policy '{name}'. There are: {string.Join(", ", Enum.GetValues<ChoicePolicy>().Select(Of))}.");
    }
}
