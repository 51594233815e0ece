using System.CommandLine;
using SoupsActors.Learning.Rewards;

namespace SoupsActors.Cli.Learning;

/// <summary>What is done about labels that an ensemble of reward models doubts.</summary>
/// <param name="Members">Reward models of the ensemble.</param>
/// <param name="Cleaning">Shares and margins.</param>
internal sealed record DenoiseSettings(int Members, DenoisingOptions Cleaning);

/// <summary>The options of <c>--denoise</c>.</summary>
internal sealed class DenoiseOptions
{
    private readonly Option<bool> denoise = new("--denoise")
    {
        Description = "Train an ensemble first, and swap, smooth and space labels by how strongly it agrees with them.",
    };

    private readonly Option<int> members = new("--members")
    {
        Description = "With --denoise: reward models of the ensemble.",
        DefaultValueFactory = _ => 5,
    };

    private readonly Option<double> flip = new("--flip-share")
    {
        Description = "With --denoise: most labels to swap, as a share of all; only those that it contradicts.",
        DefaultValueFactory = _ => 0.1,
    };

    private readonly Option<double> smooth = new("--smooth-doubtful")
    {
        Description = "With --denoise: label smoothing of those it contradicts that are not swapped, below 0.5.",
        DefaultValueFactory = _ => 0.1,
    };

    private readonly Option<bool> noMargins = new("--no-margins")
    {
        Description = "With --denoise: do not ask for score differences as large as the ensemble's.",
    };

    public void AddTo(Command command)
    {
        Option[] details = [members, flip, smooth, noMargins];
        command.Options.Add(denoise);
        foreach (var option in details)
            command.Options.Add(option);
        members.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 2)
                result.AddError("--members must be at least 2.");
        });
        flip.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and <= 1))
                result.AddError("--flip-share must be between 0 and 1.");
        });
        smooth.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and < 0.5))
                result.AddError("--smooth-doubtful must be at least 0 and below 0.5.");
        });
        command.Validators.Add(result =>
        {
            if (result.GetValue(denoise))
                return;
            foreach (var option in details.Where(o => result.GetResult(o) is { Implicit: false }))
                result.AddError($"{option.Name} needs --denoise.");
        });
    }

    /// <summary>Null where labels are to be taken as they are.</summary>
    public DenoiseSettings? Read(ParseResult parsed) => !parsed.GetValue(denoise)
        ? null
        : new DenoiseSettings(parsed.GetValue(members), new DenoisingOptions
        {
            FlipShare = parsed.GetValue(flip),
            SmoothNegative = parsed.GetValue(smooth),
            AdaptiveMargin = !parsed.GetValue(noMargins),
        });
}
